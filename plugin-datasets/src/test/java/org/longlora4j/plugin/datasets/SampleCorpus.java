package org.longlora4j.plugin.datasets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.longlora4j.plugin.datasets.SampleFiles.LATIN_1;
import static org.longlora4j.plugin.datasets.SampleFiles.line;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** For each source, files that it can use and files that it cannot. */
record SampleCorpus(SampleFiles files) {
  void write() throws IOException {
    for (int i = 0; i < 7; i++) {
      files.text("texts/%d.txt".formatted(i), "text number %d\n".formatted(i).repeat(i + 1));
      files.text("pg19/train/%d.txt".formatted(i), "book number %d\n".formatted(i).repeat(i + 1));
      files.pdf("papers/%d.pdf".formatted(i), "page one of " + i, "page two of " + i);
    }
    files.text("texts/empty.txt", "");
    files.bytes("texts/latin.txt", LATIN_1);
    writeLines();
    writeDialogues();
    files.text("pg19/train/7.txt", "");
    files.bytes("pg19/train/8.txt", LATIN_1);
    files.text("pg19/train/9.txt", "a book that nobody knows");
    files.text("pg19/train/10.txt", "a book of another century");
    files.text("pg19/test/11.txt", "a book to measure on");
    files.text(
        "pg19/metadata.csv",
        IntStream.range(0, 9)
                .mapToObj(i -> "%d,\"Title, the \"\"%d\"\"\",1850,http://x/%d\n".formatted(i, i, i))
                .collect(joining())
            + "broken\n10,Late,1910,http://x/10\n");
    files.text("papers/broken.pdf", "%PDF-1.4 and nothing else");
    files.encryptedPdf("papers/encrypted.pdf", "password");
    files.encryptedPdf("papers/forbidden.pdf", "");
    files.pdf("papers/scanned.pdf", " ");
    writeJars();
    files.uint16(
        "ids/a.bin",
        IntStream.range(0, 3 * TokenFileStream.PIECE_TOKENS / 2).map(i -> i % 255).toArray());
    files.uint16("ids/b.bin", 1, 2, 3, 299);
    files.uint16("ids/c.bin");
    files.bytes("ids/d.bin", new byte[] {7, 0, 8, 0, 9});
    files.uint16("ids/e.bin", 1, 300, 2);
    files.rows("rows.safetensors", 4, IntStream.range(0, 80).map(i -> i == 9 ? -1 : i).toArray());
  }

  private void writeLines() throws IOException {
    String good =
        Stream.of("one", "two", "three", "four").map(t -> line("a " + t)).collect(joining());
    files.bytes(
        "lines/a.jsonl",
        concatenated(
            ("\ufeff" + good + "\n  \r\n{\"text\": \"cut").getBytes(UTF_8),
            "\n{\"text\": \"".getBytes(UTF_8),
            LATIN_1,
            ("\"}\n{\"txt\": \"x\"}\n{\"text\": 7}\n{\"text\": \"\"}\n[1]\n{\"text\": \"x\"} {}\n"
                    + "nothing\n{\"text\": \"\\ud83d\"}\n{\"text\": \"last \\ud83d\\ude00\"}")
                .getBytes(UTF_8)));
    files.gzip("lines/b.jsonl.gz", good.replace("a ", "b "));
    files.zstd("lines/c.jsonl.zst", good.replace("a ", "c "));
    files.text("lines/d.jsonl", "");
    byte[] whole =
        Files.readAllBytes(files.gzip("whole.gz", line("e one") + line("e two".repeat(999))));
    files.bytes("lines/e.jsonl.gz", Arrays.copyOf(whole, whole.length - 12));
    files.bytes("lines/f.jsonl.zst", new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 7, 7, 7});
    files.text("redpajama/arxiv/arxiv_0.jsonl", good);
    files.zstd("redpajama/common_crawl/2019-30/en_0.jsonl.zst", good.replace("a ", "c ") + "{\n");
    files.text("redpajama/wikipedia/wiki.jsonl", good.replace("a ", "w "));
    files.text("redpajama/cc_2019-30_sample.jsonl", line("a sample"));
    files.gzip("proof-pile/train/proofpile_train_0.jsonl.gz", good + "{\n");
    files.gzip("proof-pile/train/proofpile_train_1.jsonl.gz", good.replace("a ", "b "));
    files.gzip("proof-pile/test/proofpile_test.jsonl.gz", line("a test"));
  }

  private void writeDialogues() throws IOException {
    List<String> records =
        IntStream.range(0, 20)
            .mapToObj(i -> "{'instruction': 'question %d', 'output': 'answer %d'}".formatted(i, i))
            .map(record -> record.replace('\'', '"'))
            .toList();
    files.text(
        "instructions/a.json", "[" + String.join(",\n", records.subList(0, 12)) + ",\n{\"inst");
    files.text(
        "instructions/b.jsonl",
        String.join("\n", records.subList(12, 20)) + "\n{\"inst\n{\"instruction\": \"x\"}\n");
    files.text("instructions/c.json", "");
    files.text(
        "chats/a.jsonl",
        IntStream.range(0, 20)
                .mapToObj(
                    i ->
                        ("{'messages': [{'role': 'user', 'content': 'question %d'},"
                                + " {'role': 'assistant', 'content': 'answer %d'}]}\n")
                            .formatted(i, i))
                .map(record -> record.replace('\'', '"'))
                .collect(joining())
            + "{\"messages\": []}\n{}\n");
  }

  private void writeJars() throws IOException {
    for (String jar : List.of("a", "b")) {
      files.zip(
          "jars/" + jar + "-sources.jar",
          IntStream.range(0, 5)
              .boxed()
              .collect(
                  Collectors.toMap(
                      i -> "C" + i + ".java", i -> (jar + i + "\n").repeat(9).getBytes(UTF_8))));
    }
    files.zip("jars/c.jar", Map.of("Empty.java", new byte[0], "Latin.java", LATIN_1));
    files.text("jars/d.jar", "no archive");
  }

  private static byte[] concatenated(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
