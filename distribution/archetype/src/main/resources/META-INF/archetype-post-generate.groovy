import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption

// The files of the chosen extension move to where Maven looks for them; the others go.
def project = Path.of(request.outputDirectory, request.artifactId)
def chosen = request.properties.getProperty('extension')
def extensions =
    ['attention', 'adapter', 'scaling', 'quantizer', 'documents', 'optimizer', 'listener', 'family']

project.resolve(chosen).toFile().eachFileRecurse { file ->
  if (file.file) {
    def target = project.resolve(project.resolve(chosen).relativize(file.toPath()))
    Files.createDirectories(target.parent)
    Files.move(file.toPath(), target, StandardCopyOption.REPLACE_EXISTING)
  }
}
extensions.each { project.resolve(it).toFile().deleteDir() }
