package org.longlora4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.train.TrainingListener;

class ListenersTest {
  private final List<String> closed = new ArrayList<>();

  private TrainingListener listener(String name) {
    return new TrainingListener() {
      @Override
      public void close() {
        closed.add(name);
      }
    };
  }

  private TrainingListener failing(String name) {
    return new TrainingListener() {
      @Override
      public void close() {
        closed.add(name);
        throw new IllegalStateException(name);
      }
    };
  }

  @Test
  void allAreClosedAlsoWhenSomeFail() {
    Listeners listeners =
        new Listeners(List.of(listener("a"), failing("b"), failing("c"), listener("d")));

    assertThatThrownBy(listeners::close)
        .hasMessage("b")
        .satisfies(e -> assertThat(e.getSuppressed()).extracting("message").containsExactly("c"));
    assertThat(closed).containsExactly("a", "b", "c", "d");
  }

  @Test
  void whatWasBuiltBeforeOneThatCannotBeBuiltIsClosed() {
    List<Supplier<TrainingListener>> toBuild =
        List.of(
            () -> listener("built"),
            () -> {
              throw new IllegalStateException("cannot be built");
            },
            () -> listener("never built"));

    assertThatThrownBy(() -> Listeners.of(List.of(listener("watcher")), toBuild))
        .hasMessage("cannot be built");
    assertThat(closed).containsExactly("watcher", "built");
  }
}
