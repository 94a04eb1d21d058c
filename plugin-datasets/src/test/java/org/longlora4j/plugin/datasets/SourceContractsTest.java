package org.longlora4j.plugin.datasets;

import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.longlora4j.kit.DocumentSourceContract;

/** Every source, as a recipe names it, keeps the contract of document sources. */
class SourceContractsTest {
  private static final Pattern PATH = Pattern.compile("path: [\\w.-]+");

  /** A source of the sample files, some of which it cannot use. */
  private abstract static class Contract extends DocumentSourceContract {
    private final String section;
    private final Order order;

    Contract(String section, Order order) {
      this.section = section;
      this.order = order;
    }

    @Override
    protected String section() {
      return section;
    }

    @Override
    protected void prepare() throws IOException {
      new SampleCorpus(new SampleFiles(folder())).write();
    }

    @Override
    protected Order order() {
      return order;
    }

    /** The same section with its last path leading nowhere. */
    @Override
    protected List<String> missing() {
      Matcher path = PATH.matcher(section);
      int end = 0;
      int begin = 0;
      while (path.find()) {
        begin = path.start();
        end = path.end();
      }
      return end == 0
          ? List.of()
          : List.of(section.substring(0, begin) + "path: nowhere" + section.substring(end));
    }
  }

  @Nested
  class Text extends Contract {
    Text() {
      super("{ use: text, path: texts }", Order.SHUFFLED);
    }
  }

  @Nested
  class AlpacaRecords extends Contract {
    AlpacaRecords() {
      super("{ use: alpaca, path: instructions }", Order.SHUFFLED);
    }
  }

  @Nested
  class ChatRecords extends Contract {
    ChatRecords() {
      super("{ use: chat, path: chats, template: inst }", Order.SHUFFLED);
    }
  }

  @Nested
  class JsonLinesFiles extends Contract {
    JsonLinesFiles() {
      super("{ use: jsonl, path: lines }", Order.SHUFFLED);
    }
  }

  @Nested
  class RedPajamaFiles extends Contract {
    RedPajamaFiles() {
      super("{ use: redpajama, path: redpajama }", Order.SHUFFLED);
    }
  }

  @Nested
  class ProofPileFiles extends Contract {
    ProofPileFiles() {
      super("{ use: proof-pile, path: proof-pile }", Order.SHUFFLED);
    }
  }

  @Nested
  class Pg19Books extends Contract {
    Pg19Books() {
      super("{ use: pg19, path: pg19, published: { from: 1700, to: 1900 } }", Order.SHUFFLED);
    }
  }

  @Nested
  class PdfPapers extends Contract {
    PdfPapers() {
      super("{ use: pdf, path: papers }", Order.SHUFFLED);
    }
  }

  @Nested
  class Archives extends Contract {
    Archives() {
      super("{ use: sources-jar, path: jars }", Order.SHUFFLED);
    }
  }

  @Nested
  class TokenIds extends Contract {
    TokenIds() {
      super("{ use: token-bin, path: ids, vocabulary: 300 }", Order.FIXED);
    }
  }

  @Nested
  class Rows extends Contract {
    Rows() {
      super("{ use: token-rows, path: rows.safetensors, shuffle: true }", Order.SHUFFLED);
    }
  }

  @Nested
  class PasskeyPrompts extends Contract {
    PasskeyPrompts() {
      super("{ use: passkey, characters: { min: 300, max: 400 }, documents: 6 }", Order.DRAWN);
    }
  }

  @Nested
  class SeveralPasskeys extends Contract {
    SeveralPasskeys() {
      super(
          "{ use: passkey, keys: 3, characters: { min: 700, max: 800 }, documents: 6 }",
          Order.DRAWN);
    }
  }

  @Nested
  class RepeatedTexts extends Contract {
    RepeatedTexts() {
      super(
          "{ use: repeats, alphabet: abc, characters: { min: 8, max: 20 }, times: { min:"
              + " 2, max: 2 }, documents: 6 }",
          Order.DRAWN);
    }
  }

  @Nested
  class DrawnTokens extends Contract {
    DrawnTokens() {
      super("{ use: random-tokens, vocabulary: 256, length: 40, documents: 6 }", Order.DRAWN);
    }
  }

  @Nested
  class Mixture extends Contract {
    Mixture() {
      super(
          "{ use: mix, sources: [{ source: { use: text, path: texts }, weight: 3 }, {"
              + " source: { use: jsonl, path: lines } }] }",
          Order.SHUFFLED);
    }
  }

  @Nested
  class MixtureOfMixtures extends Contract {
    MixtureOfMixtures() {
      super(
          "{ use: mix, sources: [{ source: { use: text, path: texts } }, { source: {"
              + " use: passkey, characters: { min: 300, max: 310 }, documents: 5 } }, {"
              + " source: { use: mix, sources: [{ source: { use: text, path: texts } }, {"
              + " source: { use: jsonl, path: lines } }] } }] }",
          Order.DRAWN);
    }
  }
}
