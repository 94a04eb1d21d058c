package org.longlora4j.api.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class ApiComparisonTest {
  private static final String METHOD = "      METHOD %s [%s, MAJOR]\n";

  @Test
  void an_api_that_stays_keeps_its_version() throws Exception {
    assertThat(problems(api("1.0.0", ""), api("1.0.0", ""))).isEmpty();
  }

  @Test
  void what_is_taken_away_calls_for_a_major_version() throws Exception {
    String before = api("1.3.0", METHOD.formatted("gone()", "MAJOR"));

    assertThat(problems(before, api("1.4.0", "")))
        .containsOnlyKeys("p.door")
        .extractingByKey("p.door")
        .asString()
        .contains("p.door is version 1.4.0, must be 2.0.0 (existing plugins break)")
        .contains("MAJOR: method p.door.Door gone() (removed)");
    assertThat(problems(before, api("2.0.0", ""))).isEmpty();
  }

  @Test
  void what_a_plugin_must_implement_is_major_and_what_it_may_call_is_minor() throws Exception {
    String consumer = METHOD.formatted("toImplement()", "MAJOR");
    String provider = METHOD.formatted("toCall()", "MINOR");

    assertThat(problems(api("1.0.0", ""), api("1.1.0", consumer)).get("p.door"))
        .contains("must be 2.0.0");
    assertThat(problems(api("1.0.0", ""), api("1.0.0", provider)).get("p.door"))
        .contains("must be 1.1.0 (plugins that use what is new need it)");
    assertThat(problems(api("1.0.0", ""), api("1.1.0", provider))).isEmpty();
  }

  @Test
  void a_package_that_is_no_longer_exported_is_named() throws Exception {
    assertThat(problems(api("1.0.0", ""), "API <api> [CHANGED, CHANGED]\n").get("p.door"))
        .isEqualTo("p.door 1.0.0 is no longer exported: plugins import it");
  }

  private static String api(String version, String members) {
    return """
    API <api> [CHANGED, CHANGED]
      PACKAGE p.door [MINOR, MAJOR]
        INTERFACE p.door.Door [MINOR, MAJOR]
    %s    VERSION %s [IGNORED, IGNORED]
    """
        .formatted(members, version);
  }

  private static Map<String, String> problems(String before, String now) throws Exception {
    return new ApiComparison(ApiDescription.parse(before), ApiDescription.parse(now)).problems();
  }
}
