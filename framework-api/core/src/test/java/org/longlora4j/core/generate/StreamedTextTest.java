package org.longlora4j.core.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.core.TokenizerJson;
import org.longlora4j.core.data.Tokenizer;

class StreamedTextTest {
  private static final int BEGIN = 258;

  private final List<String> pieces = new ArrayList<>();
  @TempDir private Path folder;
  private Tokenizer tokenizer;

  @BeforeEach
  void open() throws IOException {
    TokenizerJson.byteLevel().write(folder);
    tokenizer = Tokenizer.inDirectory(folder).orElseThrow();
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  private StreamedText after(String prompt, String... stops) {
    return new StreamedText(tokenizer, tokenizer.encode(prompt), List.of(stops), pieces::add);
  }

  /** A token for each byte. */
  private static boolean feed(StreamedText text, String what) {
    boolean goesOn = true;
    for (byte b : what.getBytes(StandardCharsets.UTF_8)) {
      goesOn = text.accept(b & 0xff);
    }
    return goesOn;
  }

  @Test
  void aTokensTextComesAtOnce() {
    StreamedText text = after("so");
    text.accept(257);
    feed(text, " a");
    assertThat(pieces).containsExactly("the", " ", "a");
  }

  @Test
  void theBytesOfACharacterAreHeldBackUntilItIsWhole() {
    StreamedText text = after("é");
    feed(text, "aé漢😀b");
    assertThat(pieces).containsExactly("a", "é", "漢", "😀", "b");
  }

  @Test
  void whatIsNoCharacterIsShownAsSuchInTheEnd() {
    StreamedText text = after("");
    text.accept('a');
    text.accept(0xc3);
    assertThat(pieces).containsExactly("a");
    text.end();
    assertThat(text.text()).isEqualTo("a\ufffd");
  }

  @Test
  void theTextEndsBeforeAStopStringOfWhichNothingWasShown() {
    StreamedText text = after("", "END", "\nUser:");
    assertThat(feed(text, "an EN, an E")).isTrue();
    assertThat(String.join("", pieces)).isEqualTo("an EN, an ");
    assertThat(feed(text, "N")).isTrue();
    assertThat(feed(text, "D and more")).isFalse();
    text.end();
    assertThat(text.text()).isEqualTo("an EN, an ").isEqualTo(String.join("", pieces));
  }

  @Test
  void aStopStringMayBeginAndEndWithinTokens() {
    StreamedText text = after("", "he");
    assertThat(text.accept('a')).isTrue();
    assertThat(text.accept(257)).isFalse();
    assertThat(text.text()).isEqualTo("at");
  }

  @Test
  void theBeginningOfAStopStringThatNeverCameIsShownInTheEnd() {
    StreamedText text = after("", "END");
    feed(text, "the EN");
    assertThat(String.join("", pieces)).isEqualTo("the ");
    text.end();
    assertThat(text.text()).isEqualTo("the EN");
  }

  @Test
  void specialTokensAreNotShown() {
    StreamedText text = after("a");
    text.accept(BEGIN);
    feed(text, "b");
    assertThat(pieces).containsExactly("b");
  }

  @Test
  void aBlankThatATokenizerDropsAtTheBeginningOfATextStaysBehindAPrompt() throws IOException {
    TokenizerJson json = TokenizerJson.sentencePieces();
    json.root()
        .putObject("decoder")
        .put("type", "Metaspace")
        .put("replacement", "\u2581")
        .put("prepend_scheme", "always")
        .put("split", true);
    json.write(folder);
    try (Tokenizer pieced = Tokenizer.inDirectory(folder).orElseThrow()) {
      int[] prompt = pieced.encodePrompt("a");
      StreamedText text = new StreamedText(pieced, prompt, List.of(), pieces::add);
      text.accept(259); // ▁a
      text.accept(261); // ▁ab
      assertThat(pieces).containsExactly(" a", " ab");
    }
  }
}
