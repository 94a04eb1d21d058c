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
import org.longlora4j.api.plugin.NoOptions;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.api.quantization.QuantizedFormat;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.train.Optimizer;
import org.longlora4j.core.tensor.TorchServices;

class QloraPluginTest {
  @Test
  void thePluginIsFoundAndOffersWhatItHas() {
    assertThat(ServiceLoader.load(Plugin.class))
        .hasOnlyElementsOfType(QloraPlugin.class)
        .hasSize(1);
    Injector injector = Guice.createInjector(new QloraPlugin());

    Set<Extension<?>> extensions = injector.getInstance(Key.get(new TypeLiteral<>() {}));
    assertThat(extensions)
        .containsExactlyInAnyOrder(
            new Extension<>(WeightQuantizer.class, "nf4", Nf4Quantizer.class, FourBitOptions.class),
            new Extension<>(WeightQuantizer.class, "fp4", Fp4Quantizer.class, FourBitOptions.class),
            new Extension<>(WeightQuantizer.class, "int8", Int8Quantizer.class, NoOptions.class),
            new Extension<>(
                QuantizedFormat.class, "bitsandbytes", BitsandbytesFormat.class, NoOptions.class),
            new Extension<>(
                Optimizer.class, "adamw-8bit", BlockwiseAdamW.class, BlockwiseAdamW.Options.class));
  }

  @Test
  void theImplementationsAreBuiltFromOptionsAndTheFrameworksServices() {
    try (TorchServices services = new TorchServices()) {
      Injector injector =
          Guice.createInjector(
              services,
              binder -> binder.bind(FourBitOptions.class).toInstance(new FourBitOptions(64, true)));
      assertThat(injector.getInstance(Nf4Quantizer.class)).isNotNull();
      assertThat(injector.getInstance(Fp4Quantizer.class)).isNotNull();
      assertThat(injector.getInstance(Int8Quantizer.class)).isNotNull();
      assertThat(injector.getInstance(BitsandbytesFormat.class)).isNotNull();
    }
  }
}
