package org.longlora4j.launcher;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Imports point one way: launcher → core → api ← plugins. */
final class ImportRulesTest {
  private static final String OURS = "org.longlora4j.";

  /** A module's folder, with its build folder or its version below. */
  private static final Pattern PLUGIN = Pattern.compile("/(plugin-[a-z0-9-]+)/(target|[0-9])");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.longlora4j");

  @Test
  void the_rules_see_the_framework() {
    assertThat(CLASSES.stream().map(ImportRulesTest::module).collect(Collectors.toSet()))
        .contains("api", "core", "launcher");
  }

  @Test
  void modules_import_only_what_lies_below_them() {
    classes().should(importOnlyWhatLiesBelow()).check(CLASSES);
  }

  @Test
  void the_api_says_of_each_interface_who_implements_it() {
    classes()
        .that()
        .resideInAPackage("org.longlora4j.api..")
        .and()
        .areInterfaces()
        .and()
        .areNotAnnotations()
        .and()
        .doNotHaveSimpleName("package-info") // compiled to an interface
        .should()
        .beAnnotatedWith("org.osgi.annotation.versioning.ConsumerType")
        .orShould()
        .beAnnotatedWith("org.osgi.annotation.versioning.ProviderType")
        .because("an abstract method added to a consumer type breaks plugins")
        .check(CLASSES);
  }

  private static ArchCondition<JavaClass> importOnlyWhatLiesBelow() {
    return new ArchCondition<>("import only what lies below their module") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        Set<String> allowed = below(module(type));
        for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
          JavaClass target = dependency.getTargetClass().getBaseComponentType();
          if (target.getName().startsWith(OURS) && !allowed.contains(module(target))) {
            events.add(SimpleConditionEvent.violated(dependency, dependency.getDescription()));
          }
        }
      }
    };
  }

  private static Set<String> below(String module) {
    return switch (module) {
      case "api" -> Set.of("api");
      case "core" -> Set.of("core", "api");
      case "launcher" -> Set.of("launcher", "core", "api");
      default -> Set.of(module, "api");
    };
  }

  /** The plugin whose jar the class lies in, or the first word of the package after ours. */
  private static String module(JavaClass type) {
    String location = type.getSource().map(source -> source.getUri().toString()).orElse("");
    Matcher plugin = PLUGIN.matcher(location);
    if (plugin.find()) {
      return plugin.group(1);
    }
    String name = type.getName().substring(OURS.length());
    return name.substring(0, name.indexOf('.'));
  }
}
