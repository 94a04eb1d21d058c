package org.longlora4j.core.model;

import java.util.List;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ModelModule.Kind;
import org.longlora4j.api.model.Decoder;
import org.longlora4j.api.model.DecoderNames;

/**
 * A decoder whose modules may have other names in a checkpoint than its family gives them: where it
 * is the language model of a multimodal one.
 *
 * @param decoder by the family's names
 * @param naming makes the checkpoint's names of them
 * @param modules by the checkpoint's names, in the order in which they act
 * @param names of the parts in the checkpoint
 */
record NamedDecoder(
    Decoder decoder, ModuleNaming naming, List<ModelModule> modules, DecoderNames names) {
  static NamedDecoder of(Decoder decoder, ModuleNaming naming) {
    DecoderNames own = decoder.names();
    return new NamedDecoder(
        decoder,
        naming,
        decoder.modules().stream()
            .map(m -> new ModelModule(naming.stored(m.name()), m.kind(), m.weight(), m.bias()))
            .toList(),
        new DecoderNames(
            naming.stored(own.embeddings()),
            naming.stored(own.layers()),
            naming.stored(own.finalNorm()),
            naming.stored(own.head())));
  }

  boolean tied() {
    return modules.stream().noneMatch(module -> module.kind() == Kind.HEAD);
  }
}
