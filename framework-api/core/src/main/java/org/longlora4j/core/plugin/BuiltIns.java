package org.longlora4j.core.plugin;

import com.google.inject.Binder;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.model.ModelFamily;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.train.Optimizer;
import org.longlora4j.api.train.TrainingListener;
import org.longlora4j.core.data.TextSource;
import org.longlora4j.core.model.Composition;
import org.longlora4j.core.model.DensePattern;
import org.longlora4j.core.model.FullTraining;
import org.longlora4j.core.model.UnchangedScaling;
import org.longlora4j.core.model.family.GptNeoxFamily;
import org.longlora4j.core.model.family.LlamaFamily;
import org.longlora4j.core.model.family.MistralFamily;
import org.longlora4j.core.model.family.Qwen2Family;
import org.longlora4j.core.tensorboard.TensorBoardListener;
import org.longlora4j.core.train.AdamW;

/** The extensions that the framework itself offers, enough to train without any plugin. */
final class BuiltIns implements Plugin {
  static LoadedPlugin asPlugin() {
    return LoadedPlugin.onClassPath(new BuiltIns());
  }

  @Override
  public void configure(Binder binder) {
    new ExtensionBinder(binder)
        .bind(AttentionPattern.class, "dense", DensePattern.class)
        .bind(AdapterStrategy.class, "full", FullTraining.class)
        .bind(PositionalScaling.class, "none", UnchangedScaling.class)
        .bind(WeightQuantizer.class, "none", Composition.Unquantized.class)
        .bind(ModelFamily.class, "llama", LlamaFamily.class)
        .bind(ModelFamily.class, "mistral", MistralFamily.class)
        .bind(ModelFamily.class, "qwen2", Qwen2Family.class)
        .bind(ModelFamily.class, "gpt-neox", GptNeoxFamily.class)
        .bind(DocumentSource.class, "text", TextSource.class, TextSource.Options.class)
        .bind(Optimizer.class, "adamw", AdamW.class, AdamW.Options.class)
        .bind(
            TrainingListener.class,
            "tensorboard",
            TensorBoardListener.class,
            TensorBoardListener.Options.class);
  }
}
