package dev.hark.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hark init}: a configuration to begin with. */
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = "Writes a small configuration, with comments and the defaults, to begin with. A file that is there is left alone.",
        footer = {"", "Example: hark init && hark serve", "", "Exit code: 0, 1 wrong usage, 2 FILE exists or cannot be written."})
final class InitCommand implements Callable<Integer> {
    static final String TEMPLATE = "/init.yaml";

    @Parameters(arity = "0..1", paramLabel = "FILE", defaultValue = "application.yaml",
            description = "A new file; - is standard output. Default: application.yaml, which 'hark serve' reads.")
    private String target;

    private final Shell shell;

    InitCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        byte[] text;
        try (InputStream in = Objects.requireNonNull(InitCommand.class.getResourceAsStream(TEMPLATE))) {
            text = in.readAllBytes();
        }
        if (target.equals("-")) {
            shell.out().write(text);
            return ExitCode.OK;
        }
        Path file = shell.directory().resolve(target);
        try {
            Files.write(file, text, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            shell.note("wrote " + file);
            return ExitCode.OK;
        } catch (FileAlreadyExistsException e) {
            shell.warn("the file " + target + " exists, and is left as it is; name a new one");
        } catch (IOException e) {
            shell.warn("cannot write " + target + ": " + e.getClass().getSimpleName() + ' ' + e.getMessage());
        }
        return ExitCode.REFUSED;
    }
}
