package org.longlora4j.core.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.data.LeftOut;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.data.DataReport;
import org.longlora4j.core.report.RunSummary.Ending;

class ReportTest {
  private static final String RECIPE =
      """
      model: /models/<b>tiny</b> & co
      context: 4096
      attention: {use: s2-attn, group-ratio: 0.25}
      adapter: {use: lora-plus, rank: 8}
      position: {use: linear}
      quantization: {use: none}
      training: {steps: 3, optimizer: {use: adamw}}
      """;

  @TempDir private Path directory;
  private Path run;

  @BeforeEach
  void beginRun() throws IOException {
    run = Files.createDirectory(directory.resolve("it's <here>"));
    Files.writeString(run.resolve("recipe.yaml"), RECIPE);
  }

  private Document page() throws IOException {
    return Jsoup.parse(new Report().write(run));
  }

  private void takeSteps(int count) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int step = 1; step <= count; step++) {
      lines.append(
          """
          {"step":%d,"loss":%s,"grad_norm":1.5,"learning_rate":2e-5,"tokens_per_second":1000.0}
          """
              .formatted(step, 5.0 - step * 0.5 / count));
    }
    Files.writeString(run.resolve("metrics.jsonl"), lines);
  }

  private void end(Ending ending, Optional<String> failure) throws IOException {
    new RunSummary(
            ending,
            failure,
            512,
            3,
            4096,
            50,
            200,
            90,
            Map.of("data", 9.0, "forward_and_backward", 72.0),
            Map.of("frozen_weights", 300_000_000L),
            1_000_000_000,
            new DataReport(
                7, 90_000, 0, new LeftOut(Map.of("not JSON", 2L), List.of("a.jsonl line 3"))))
        .write(run);
  }

  private static List<String> row(Document page, String header) {
    return page.select("tr:has(th:containsOwn(" + header + ")) > *").eachText();
  }

  @Test
  void aCompletedRunIsToldInFull() throws IOException {
    takeSteps(3);
    Files.writeString(run.resolve("evaluation.jsonl"), "{\"step\":2,\"loss\":4.25}\n");
    Files.writeString(
        run.resolve("run.json"),
        "{\"precision\":\"bfloat16\",\"plugins\":{\"plugin-s2attn\":\"0.1.0\"}}");
    end(Ending.COMPLETED, Optional.empty());

    Document page = page();

    assertThat(page.selectFirst(".status").text()).isEqualTo("Completed: 3 of 3 steps.");
    assertThat(page.select(".facts").text())
        .contains("512 → 4,096", "(×8)", "s2-attn · lora-plus · linear", "4.8333 → 4.5000")
        .contains("25 % of 200", "1 min 30 s", "1.00 GB", "12,288 in all");
    assertThat(page.select("figcaption").eachText())
        .containsExactly(
            "Loss in training and on held-out rows",
            "Learning rate",
            "Gradient norm before clipping",
            "Speed");
    assertThat(page.select("#training tbody tr").eachText())
        .containsExactly(
            "1 4.8333 – 1.5 2e-5 1,000",
            "2 4.6667 4.2500 1.5 2e-5 1,000",
            "3 4.5000 – 1.5 2e-5 1,000");
    assertThat(page.select("svg g.other title").eachText())
        .containsExactly("after step 2: held-out loss 4.25");
    assertThat(row(page, "forward and backward"))
        .containsExactly("forward and backward", "1 min 12 s");
    assertThat(row(page, "rest")).contains("9.00 s");
    assertThat(page.selectFirst("td.bar[title='80 %'] span").attr("style")).isEqualTo("width:80%");
    assertThat(row(page, "frozen weights")).contains("300.0 MB");
    assertThat(row(page, "plugins")).containsExactly("plugins", "plugin-s2attn 0.1.0");
    assertThat(page.selectFirst("#recipe code").wholeText()).isEqualTo(RECIPE);
    assertThat(page.select("#length")).isEmpty();
  }

  @Test
  void whatAFileSaysIsTextAndNeverMarkup() throws IOException {
    Document page = page();

    assertThat(page.select("b, here")).isEmpty();
    assertThat(page.title()).isEqualTo("it's <here>: training report");
    assertThat(page.selectFirst("#recipe code").wholeText()).contains("<b>tiny</b> & co");
    assertThat(page.select("#repeat code").last().text())
        .isEqualTo(
            "longlora train '%s' --set 'output=%s'"
                .formatted(
                    run.resolve("recipe.yaml").toString().replace("'", "'\\''"),
                    (run + "-again").replace("'", "'\\''")));
  }

  @Test
  void thePageLoadsNothingAndRunsNothing() throws IOException {
    takeSteps(3);

    Document page = page();

    assertThat(page.select("script, img, iframe, object, embed, [src], [onclick]")).isEmpty();
    assertThat(page.select("[href]").eachAttr("href")).containsExactly("data:,");
    assertThat(page.selectFirst("style").data()).doesNotContain("url(", "@import");
  }

  @Test
  void aStoppedRunSaysHowToGoOn() throws IOException {
    takeSteps(2);
    end(Ending.STOPPED, Optional.empty());

    Document page = page();

    assertThat(page.selectFirst(".status.stopped").text())
        .isEqualTo("Stopped early: 2 of 3 steps; the state is saved.");
    assertThat(page.select("#repeat code").first().text()).endsWith("recipe.yaml' --resume");
  }

  @Test
  void aFailedRunSaysWhy() throws IOException {
    takeSteps(1);
    end(Ending.FAILED, Optional.of("Step 2: loss NaN: not finite."));

    assertThat(page().selectFirst(".status.failed").text())
        .isEqualTo("Failed: 1 of 3 steps. Step 2: loss NaN: not finite.");
  }

  @Test
  void aRunWithoutAStepHasNoCharts() throws IOException {
    Document page = page();

    assertThat(page.selectFirst(".status").text()).isEqualTo("Not ended: 0 of 3 steps.");
    assertThat(page.select("svg, #cost")).isEmpty();
    assertThat(page.select("#training").text()).contains("No step was taken.");
  }

  @Test
  void aLineThatWasCutOffIsPassedOver() throws IOException {
    takeSteps(2);
    Files.writeString(
        run.resolve("metrics.jsonl"),
        Files.readString(run.resolve("metrics.jsonl")) + "{\"step\":3,\"lo");

    assertThat(page().select("#training tbody tr")).hasSize(2);
  }

  @Test
  void manyStepsBecomeMeansThatAChartCanShow() throws IOException {
    takeSteps(10_000);

    Document page = page();

    assertThat(page.select("svg[aria-labelledby^=speed] .point")).hasSize(150);
    assertThat(page.selectFirst("svg[aria-labelledby^=speed] .point title").text())
        .isEqualTo("steps 1 to 67: 1,000 tokens/s");
    assertThat(page.select("#training tbody tr").size()).isBetween(50, 51);
    assertThat(page.select(".note").text()).contains("the mean of the last 500 steps");
  }

  @Test
  void measurementsByLengthAreSetSideBySide() throws IOException {
    new Measurements(
            List.of(new Measurements.Perplexity(512, 8), new Measurements.Perplexity(1024, 640)),
            List.of(new Measurements.Passkey(1024, 0.5, 0, 20)))
        .write(run, Measurements.Model.BEFORE);
    Files.writeString(
        run.resolve("evaluation/after.json"),
        """
        {"perplexity":[{"length":1024,"perplexity":7.5,"loss":2.01,"tokens":1023}],
         "passkey":[{"length":1024,"depth":0.5,"accuracy":0.95,"trials":20}]}
        """);

    Document page = page();

    assertThat(page.select("#length .card:has(caption:contains(Perplexity)) tbody tr").eachText())
        .containsExactly("512 8 –", "1,024 640 7.5");
    assertThat(page.select("svg[aria-labelledby^=perplexity] .label").eachText())
        .containsExactly("before", "after");
    assertThat(page.select(".heat td").eachAttr("style"))
        .containsExactly("--share:0", "--share:0.95");
    assertThat(page.select(".heat td").eachAttr("title"))
        .containsExactly(
            "1,024 tokens, depth 50 %: 0 of 20 texts", "1,024 tokens, depth 50 %: 19 of 20 texts");
  }

  @Test
  void everyDrawingHasATitleAndADescription() throws IOException {
    takeSteps(5);

    Document page = page();

    assertThat(page.select("svg")).hasSize(4);
    page.select("svg")
        .forEach(
            svg -> {
              for (String id : svg.attr("aria-labelledby").split(" ", -1)) {
                assertThat(page.getElementById(id)).as(id).isNotNull();
                assertThat(page.getElementById(id).text()).isNotBlank();
              }
            });
    assertThat(page.selectFirst("html").attr("lang")).isEqualTo("en");
  }

  @Test
  void aDirectoryWithoutARunIsRefused() {
    assertThatThrownBy(() -> new Report().write(directory))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("holds no run");
  }
}
