package org.longlora4j.core.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.core.report.StudyResults.Cell;
import org.longlora4j.core.report.StudyResults.Outcome;
import org.longlora4j.core.report.StudyResults.Run;
import org.longlora4j.core.report.StudyResults.State;

/** Means, ranges and orders, worked out by hand from the single runs. */
class StudyTableTest {
  private static final String COMMAND = "longlora study 'my study.yaml'";

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void writeStudyFile() throws Exception {
    file = Files.writeString(directory.resolve("study.yaml"), "title: a <b>bold</b> claim\n");
  }

  private Cell cell(String label, OptionalDouble paper, double... perplexities) {
    List<Run> runs = new ArrayList<>();
    for (int i = 0; i < perplexities.length; i++) {
      Measurements measured =
          new Measurements(
              List.of(new Measurements.Perplexity(256, perplexities[i])),
              List.of(
                  new Measurements.Passkey(256, 0, 1, 2),
                  new Measurements.Passkey(256, 1, 0.5, 2)));
      runs.add(
          run(
              i + 1,
              State.COMPLETED,
              Optional.of(new Outcome(10 * (i + 1), 1_000_000_000L * (1 + i % 2), 1234, measured)),
              Optional.empty()));
    }
    return new Cell(label, 256, true, paper, runs);
  }

  private Run run(long seed, State state) {
    return run(seed, state, Optional.empty(), Optional.empty());
  }

  private Run run(long seed, State state, Optional<Outcome> outcome, Optional<String> failure) {
    return new Run(
        OptionalLong.of(seed), directory.resolve("cells/c/seed-" + seed), state, outcome, failure);
  }

  private StudyResults results(Cell... cells) {
    return new StudyResults(
        "A <b>bold</b> claim",
        Optional.of("Is it so?"),
        Optional.of("table 2"),
        file,
        directory,
        List.of(cells));
  }

  @Test
  void aCellIsToldByItsMeanAndItsRange() {
    StudyTable table =
        new StudyTable(
            results(
                cell("dense", OptionalDouble.empty(), 8.0, 8.1, 8.5),
                cell("local", OptionalDouble.of(8.39), 8.3, 8.4, 8.8)));

    assertThat(table.columns())
        .containsExactly(
            "cell",
            "perplexity at 256",
            "passkey at 256",
            "order",
            "paper",
            "trained parameters",
            "seconds",
            "peak memory");
    // (8.0 + 8.1 + 8.5) / 3 = 8.2; (8.3 + 8.4 + 8.8) / 3 = 8.5; (10 + 20 + 30) / 3 = 20;
    // passkeys (1 + 0.5) / 2 = 0.75 with each seed; the largest of 1, 2 and 1 GB.
    assertThat(table.rows())
        .containsExactly(
            List.of(
                "dense",
                "8.200 (8.000–8.500)",
                "0.75 (0.75–0.75)",
                "1",
                "–",
                "1,234",
                "20.0 (10.0–30.0)",
                "2.00 GB"),
            List.of(
                "local",
                "8.500 (8.300–8.800)",
                "0.75 (0.75–0.75)",
                "2",
                "8.39",
                "1,234",
                "20.0 (10.0–30.0)",
                "2.00 GB"));
  }

  @Test
  void neighboursWhoseRangesOverlapAreNotSaidToDiffer() {
    StudyTable table =
        new StudyTable(
            results(
                cell("strided", OptionalDouble.of(11.78), 9.0, 9.5),
                cell("dense", OptionalDouble.empty(), 8.0, 8.4),
                cell("local", OptionalDouble.of(8.39), 8.3, 8.5),
                cell("s2-attn", OptionalDouble.of(8.12), 8.6, 8.7)));

    assertThat(table.notes())
        .contains(
            "Perplexity at 256 tokens, the lowest first: dense ≈ local < s2-attn < strided.",
            "The paper's order of these: s2-attn < local < strided. It does not hold here:"
                + " local is ahead of s2-attn.",
            "Paper: table 2");
  }

  @Test
  void anOrderThatTurnsWithinTheRangeOfTheSeedsIsSaidToDoSo() {
    StudyResults turned =
        results(
            cell("a", OptionalDouble.of(1), 5.0, 5.4), cell("b", OptionalDouble.of(2), 4.9, 5.1));
    StudyResults kept =
        results(cell("a", OptionalDouble.of(1), 5.0), cell("b", OptionalDouble.of(2), 5.1));

    assertThat(new StudyTable(turned).notes())
        .anyMatch(note -> note.endsWith("b is ahead of a, within the range of the seeds."));
    assertThat(new StudyTable(kept).notes())
        .anyMatch(note -> note.endsWith("The paper's order of these: a < b. It holds here."))
        .contains("One seed: a difference cannot be told from noise.");
  }

  @Test
  void whatFailedAndWhatIsMissingIsNotedAndTheRestCounts() {
    Cell whole = cell("half", OptionalDouble.empty(), 8.0, 9.0);
    List<Run> runs = new ArrayList<>(whole.runs());
    runs.add(run(3, State.FAILED, Optional.empty(), Optional.of("it does not fit\nmore")));
    runs.add(run(4, State.BEGUN));
    StudyTable table =
        new StudyTable(results(new Cell("half", 256, true, OptionalDouble.empty(), runs)));

    assertThat(table.rows().get(0))
        .startsWith("half", "8.500 (8.000–9.000)")
        .endsWith("seed 3 failed: it does not fit; 1 of 4 not run");
  }

  @Test
  void theFilesSayTheSame() {
    StudyFiles files =
        new StudyFiles(
            new StudyTable(
                results(
                    cell("a, b", OptionalDouble.empty(), 8.0, 8.5),
                    new Cell(
                        "c", 256, true, OptionalDouble.empty(), List.of(run(1, State.OPEN))))));

    assertThat(files.markdown())
        .startsWith(
            """
            | cell | perplexity at 256 | passkey at 256 | order | trained parameters | seconds | peak memory | remark |
            | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
            | a, b | 8.250 (8.000–8.500) | 0.75 (0.75–0.75) | 1 | 1,234 | 15.0 (10.0–20.0) | 2.00 GB |  |
            | c | – | – | – | – | – | – | 1 of 1 not run |
            """);
    assertThat(files.csv().lines())
        .containsExactly(
            "cell,context,trained,runs,completed,perplexity_256_mean,perplexity_256_least,"
                + "perplexity_256_most,passkey_256_mean,passkey_256_least,passkey_256_most,order,"
                + "paper,trained_parameters,seconds_mean,seconds_least,seconds_most,"
                + "peak_memory_bytes",
            "\"a, b\",256,true,2,2,8.25,8.0,8.5,0.75,0.75,0.75,1,,1234,15.0,10.0,20.0,2000000000",
            "c,256,true,1,0,,,,,,,,,,,,,");
    assertThat(files.json().at("/cells/0/perplexity_256/mean").asDouble()).isEqualTo(8.25);
    assertThat(files.json().at("/cells/0/runs/1/perplexity_256").asDouble()).isEqualTo(8.5);
    assertThat(files.json().at("/cells/1/runs/0/state").asText()).isEqualTo("open");
  }

  @Test
  void thePageLoadsNothingAndShowsTheRangeOfTheSeeds() throws Exception {
    StudyTable table =
        new StudyTable(
            results(
                cell("dense", OptionalDouble.empty(), 8.0, 9.0),
                cell("local", OptionalDouble.empty(), 9.0, 10.0)));

    Document page = Jsoup.parse(new StudyReport().write(table, COMMAND));

    assertThat(page.select("script, img, iframe, object, embed, [src], [onclick]")).isEmpty();
    assertThat(page.select("[href]").eachAttr("href")).containsExactly("data:,");
    assertThat(page.selectFirst("style").data()).doesNotContain("url(", "@import");
    assertThat(page.select("b")).isEmpty();
    assertThat(page.title()).isEqualTo("A <b>bold</b> claim: study report");
    assertThat(page.selectFirst(".status.completed").text()).isEqualTo("Completed: 4 of 4 runs.");
    assertThat(page.select("figcaption").eachText())
        .containsExactly("Perplexity at 256 tokens", "Passkey at 256 tokens");
    assertThat(page.select("#perplexity_256-text").parents().first().select("title").eachText())
        .containsExactly("dense: 8.500 (8.000–9.000)", "local: 9.500 (9.000–10.000)");
    assertThat(page.selectFirst("#repeat code").text()).isEqualTo(COMMAND);
    assertThat(page.selectFirst("#study code").wholeText()).isEqualTo(Files.readString(file));
    assertThat(page.select("#runs tbody tr")).hasSize(4);
  }

  @Test
  void aLineGoesFromTheLeastToTheMost() {
    RangeChart.Drawing drawing =
        new RangeChart(
                "id",
                "title",
                "text",
                "",
                "axis",
                Scale.linear(0, 1),
                List.of(
                    new RangeChart.Range(
                        "0123456789", true, new Spread(2, 0.5, 0.25, 1), "what it is")))
            .draw();

    // The plot begins at 10 · 7.2 + 14 = 86 and ends at 420 − 18 = 402: 316 wide.
    RangeChart.Bar bar = drawing.bars().get(0);
    assertThat(List.of(bar.from(), bar.mean(), bar.to())).containsExactly("165", "244", "402");
  }
}
