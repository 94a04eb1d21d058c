package org.longlora4j.plugin.qlora;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.TypeLiteral;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.plugin.Extension;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.core.tensor.TorchServices;

class QloraPluginTest {
  @Test
  void thePluginIsFoundAndOffersNf4() {
    assertThat(ServiceLoader.load(Plugin.class))
        .hasOnlyElementsOfType(QloraPlugin.class)
        .hasSize(1);
    Injector injector = Guice.createInjector(new QloraPlugin());

    Set<Extension<?>> extensions = injector.getInstance(Key.get(new TypeLiteral<>() {}));
    assertThat(extensions)
        .containsExactly(
            new Extension<>(WeightQuantizer.class, "nf4", Nf4Quantizer.class, Nf4Options.class));
  }

  @Test
  void theQuantizerIsBuiltFromItsOptionsAndTheFrameworksServices() {
    try (TorchServices services = new TorchServices()) {
      Injector injector =
          Guice.createInjector(
              services,
              binder -> binder.bind(Nf4Options.class).toInstance(new Nf4Options(64, true)));
      assertThat(injector.getInstance(Nf4Quantizer.class)).isNotNull();
    }
  }
}
