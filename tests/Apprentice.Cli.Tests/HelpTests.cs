using Apprentice.Testing;

namespace Apprentice.Cli.Tests;

public sealed class HelpTests
{
    public static TheoryData<string> Commands => [.. CommandLine.Root().Subcommands.Select(command => command.Name), ""];

    /// <summary>Set APPRENTICE_UPDATE_SNAPSHOTS=1 to write the files anew, then review them like code.</summary>
    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_Command_IsAsReviewed(string command)
    {
        // In a process of its own, so that no other test's console is in the way.
        BuiltProgram.Result result = await BuiltProgram.RunAsync(command.Length == 0 ? ["--help"] : [command, "--help"]);
        Assert.Equal(0, result.Code);
        Assert.Equal("", result.Error);
        string path = Path.Combine(SharedFiles.Repository, "tests", "Apprentice.Cli.Tests", "Snapshots", $"help{(command.Length == 0 ? "" : "-" + command)}.txt");
        string found = string.Join('\n', result.Output.Split('\n').Select(line => line.TrimEnd())).TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable("APPRENTICE_UPDATE_SNAPSHOTS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!); // A file has a folder.
            await File.WriteAllTextAsync(path, found);
        }

        Assert.Equal((await File.ReadAllTextAsync(path)).ReplaceLineEndings("\n"), found);
    }
}
