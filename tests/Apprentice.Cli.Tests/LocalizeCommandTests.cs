using System.Text;
using System.Text.Json;
using Apprentice.Scanning.Tests;

namespace Apprentice.Cli.Tests;

public sealed class LocalizeCommandTests(BuiltProgram program) : IClassFixture<BuiltProgram>
{
    private const string Code = "def mean(values):\n    total = 0\n    for v in values:\n        total += v\n    return total / len(values)\n";

    [Fact]
    public async Task Run_File_ShowsRankedLinesInTheirPlace()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("mean.py", Code);
        BuiltProgram.Result result = await BuiltProgram.RunAsync(["localize", file, "--model", program.Model, "--top", "2"]);
        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.StartsWith($"{file} (python, 1 function)\n   1. line ", result.Output, StringComparison.Ordinal);
        Assert.Contains(" in mean, ", result.Output, StringComparison.Ordinal);
        Assert.Equal(2, result.Output.Split('\n').Count(line => line.StartsWith("      > ", StringComparison.Ordinal)));
        Assert.DoesNotContain('\u001b', result.Output);
    }

    [Fact]
    public async Task Run_StandardInput_IsScored()
    {
        BuiltProgram.Result result = await BuiltProgram.RunAsync(["localize", "-", "--language", "py", "--json", "--model", program.Model], Encoding.UTF8.GetBytes(Code));
        Assert.Equal((0, ""), (result.Code, result.Error));
        using JsonDocument document = JsonDocument.Parse(result.Output);
        JsonElement file = document.RootElement.GetProperty("files")[0];
        Assert.Equal("standard input", file.GetProperty("path").GetString());
        Assert.Equal(5, file.GetProperty("lines").GetArrayLength());
        Assert.Equal(1, file.GetProperty("lines")[0].GetProperty("rank").GetInt32());
        Assert.Equal(JsonValueKind.Null, file.GetProperty("problem").ValueKind);
    }

    [Fact]
    public async Task Run_BadFilesBesideAGoodOne_TellsAndGoesOn()
    {
        using TemporaryFolder folder = new();
        string[] files =
        [
            folder.Write("latin.py", [.. "# caf"u8, 0xE9]), folder.Write("binary.c", [0, 1]), folder.Write("line.js", new byte[50_000_000]), folder.Write("notes.txt", "x"),
            Path.Combine(folder.Path, "absent.go"), folder.Path, folder.Write("good.py", Code), folder.Write("empty.cs", ""), folder.Write("garbage.java", "}}}} ]] \" ' %%% class ((( \n"),
            folder.Write("deep.cs", new string('(', 200_000)),
        ];
        BuiltProgram.Result text = await BuiltProgram.RunAsync(["localize", .. files, "--model", program.Model]);
        Assert.Equal(1, text.Code);
        Assert.DoesNotContain("   at ", text.Error, StringComparison.Ordinal);
        foreach (string part in new[] { "not UTF-8", "not text", "50.0 MB", ".txt", "does not exist", "is a folder" })
        {
            Assert.Contains(part, text.Error, StringComparison.Ordinal);
        }

        foreach (string part in new[] { "in mean", "is empty", "garbage.java", "deep.cs" })
        {
            Assert.Contains(part, text.Output, StringComparison.Ordinal);
        }

        BuiltProgram.Result json = await BuiltProgram.RunAsync(["localize", .. files, "--model", program.Model, "--json"]);
        using JsonDocument document = JsonDocument.Parse(json.Output);
        Assert.Equal(
            ["encoding", "binary", "too-large", "unknown-language", "missing", "folder", null, null, null, null],
            document.RootElement.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("problem").GetString()));
    }

    [Fact]
    public async Task Run_ControlCharacters_DoNotReachTheTerminal()
    {
        using TemporaryFolder folder = new();
        BuiltProgram.Result result = await BuiltProgram.RunAsync(["localize", folder.Write("a.py", "def f():\n    return '\u001b[31mred\u0007'\n"), "--model", program.Model]);
        Assert.DoesNotContain('\u001b', result.Output);
        Assert.Contains("\uFFFD[31mred", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Threads_ChangeNothing()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("mean.py", Code);
        string[] arguments = ["localize", file, "--json", "--model", program.Model];
        Assert.Equal((await BuiltProgram.RunAsync([.. arguments, "--threads", "1"])).Output, (await BuiltProgram.RunAsync([.. arguments, "--threads", "3"])).Output);
    }

    [Fact]
    public async Task Run_BuiltinModel_FindsLines()
    {
        if (!File.Exists(Path.Combine(AppContext.BaseDirectory, "models", "base", "model.safetensors")))
        {
            Assert.Skip("models/base/model.safetensors is absent: the built-in model was not built.");
        }

        BuiltProgram.Result result = await BuiltProgram.RunAsync(["localize", "-", "--language", "python"], Encoding.UTF8.GetBytes(Code));
        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Contains("in mean", result.Output, StringComparison.Ordinal);
    }
}
