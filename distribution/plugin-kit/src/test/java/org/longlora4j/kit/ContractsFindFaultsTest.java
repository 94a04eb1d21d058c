package org.longlora4j.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.api.Condition;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** A contract that cannot be broken would prove nothing: each fault breaks the case it should. */
class ContractsFindFaultsTest {
  static class LookingAhead extends AttentionPatternContract {
    @Override
    protected String section() {
      return "looking-ahead";
    }
  }

  static class Leaking extends AttentionPatternContract {
    @Override
    protected String section() {
      return "leaking";
    }
  }

  static class Miscounting extends AttentionPatternContract {
    @Override
    protected String section() {
      return "miscounting";
    }
  }

  static class CuttingGradients extends AttentionPatternContract {
    @Override
    protected String section() {
      return "cutting-gradients";
    }
  }

  static class DeclaredNotCausal extends AttentionPatternContract {
    @Override
    protected String section() {
      return "dense";
    }

    @Override
    protected boolean causal() {
      return false;
    }
  }

  static class Undocumented extends AttentionPatternContract {
    @Override
    protected String section() {
      return "{ use: undocumented, size: 3 }";
    }
  }

  static class Unlisted extends AttentionPatternContract {
    @Override
    protected String section() {
      return "unlisted";
    }
  }

  static class Remembering extends OptimizerContract {
    @Override
    protected String section() {
      return "remembering";
    }
  }

  static class Unreadable extends WeightQuantizerContract {
    @Override
    protected String section() {
      return "unreadable";
    }
  }

  private static String config(String modelType, String architecture) {
    return """
        {
          "model_type": "%s", "architectures": ["%s"],
          "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
          "num_attention_heads": 4, "max_position_embeddings": 32, "vocab_size": %d
        }
        """
        .formatted(modelType, architecture, ModelFamilyContract.vocabulary());
  }

  static class ForwardLooking extends ModelFamilyContract {
    @Override
    protected String config() {
      return ContractsFindFaultsTest.config("forward_looking", "ForwardLookingForCausalLM");
    }
  }

  static class NormBehindLast extends ModelFamilyContract {
    @Override
    protected String config() {
      return ContractsFindFaultsTest.config("norm_behind_last", "NormBehindLastForCausalLM");
    }
  }

  static class LookingBack extends ModelFamilyContract {
    @Override
    protected String config() {
      return ContractsFindFaultsTest.config("looking_back", "LookingBackForCausalLM");
    }
  }

  @Test
  void aLaterPositionThatIsSeenIsNamed() {
    assertThat(failures(LookingAhead.class))
        .containsOnlyKeys("noQuerySeesALaterPositionUnlessThatIsDeclared")
        .hasValueSatisfying(message("query 0 in head 0 sees key 1"));
    assertThat(failures(DeclaredNotCausal.class))
        .containsOnlyKeys("noQuerySeesALaterPositionUnlessThatIsDeclared")
        .hasValueSatisfying(message("as causal() declares"));
  }

  @Test
  void aTensorThatIsLeftIsCounted() {
    assertThat(failures(Leaking.class))
        .containsOnlyKeys("theResultHasTheQuerysShapeAndOwnerAndIsAllThatIsLeft")
        .hasValueSatisfying(message("tensors alive after a call"));
  }

  @Test
  void aWrongCostIsComparedWithWhatTakesPart() {
    assertThat(failures(Miscounting.class))
        .containsOnlyKeys("costCountsThePairsThatTakePart")
        .hasValueSatisfying(message("the (query, key) pairs of cost()"));
  }

  @Test
  void aGradientThatIsCutIsNamedByItsInput() {
    assertThat(failures(CuttingGradients.class))
        .containsOnlyKeys("gradientsAreTheSlopesOfTheOutput")
        .hasValueSatisfying(message("the gradient of key at element"));
  }

  @Test
  void anOptionWithoutWordsIsNamed() {
    assertThat(failures(Undocumented.class))
        .containsKey("everyOptionIsDescribedForUsers")
        .hasValueSatisfying(message("what @Option says of size"));
  }

  @Test
  void aPluginThatIsNotListedIsToldWhere() {
    assertThat(failures(Unlisted.class))
        .containsKey("itIsFoundByItsName")
        .hasValueSatisfying(
            message("META-INF/services/org.longlora4j.api.plugin.Plugin, and does it bind"));
  }

  @Test
  void whatAnOptimizerKeepsToItselfIsFoundByARunThatGoesOn() {
    assertThat(failures(Remembering.class))
        .containsKeys(
            "whatIsSavedIsAllThatAResumedRunNeeds", "aRunThatUsesItRepeatsAndResumesExactly")
        .hasValueSatisfying(message("stopped after half of its steps and resumed"));
  }

  @Test
  void aCheckpointThatNothingReadsIsToldByItsMethod() {
    assertThat(failures(Unreadable.class))
        .containsKey("aFormatReadsWhatACheckpointKeepsToTheSameBits")
        .hasValueSatisfying(message("no QuantizedFormat is bound under 'nobodys'"));
  }

  @Test
  void aFamilyWhoseLayersSeeLaterPositionsIsFoundOut() {
    assertThat(failures(ForwardLooking.class))
        .containsKeys("noPositionSeesALaterOne", "aSequenceThatGrowsGivesWhatTheWholeOneGives")
        .hasValueSatisfying(message("the logits of positions before one that changed"));
  }

  @Test
  void aFamilyThatNeedsWhatIsLeftOutIsFoundOut() {
    assertThat(failures(NormBehindLast.class))
        .containsKey("aLayerThatRunsAgainHasTheSameGradients")
        .hasValueSatisfying(message("when layers run again"));
  }

  @Test
  void aFamilyWhoseMlpSeesMoreThanAPositionIsFoundOut() {
    assertThat(failures(LookingBack.class))
        .containsKey("anMlpSeesEachPositionByItself")
        .hasValueSatisfying(message("the MLP in pieces, against the MLP of whole rows"));
  }

  private static Condition<String> message(String part) {
    return new Condition<>(message -> message.contains(part), "a message with '%s'", part);
  }

  /** The messages of the cases that fail, by their names. */
  private static Map<String, String> failures(Class<?> contract) {
    Map<String, String> failures = new LinkedHashMap<>();
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request().selectors(selectClass(contract)).build();
    TestExecutionListener listener =
        new TestExecutionListener() {
          @Override
          public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            result
                .getThrowable()
                .ifPresent(
                    failure ->
                        failures.put(
                            test.getDisplayName().replace("()", ""),
                            String.valueOf(failure.getMessage())));
          }
        };
    LauncherFactory.create().execute(request, listener);
    return failures;
  }
}
