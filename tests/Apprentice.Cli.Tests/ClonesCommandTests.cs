using System.Text.Json;
using Apprentice.Scanning.Tests;

namespace Apprentice.Cli.Tests;

public sealed class ClonesCommandTests(BuiltProgram program) : IClassFixture<BuiltProgram>
{
    [Fact]
    public async Task Run_Folder_ListsClassesAndWhatWasLeftOut()
    {
        using TemporaryFolder folder = new();
        const string Code = "def total(values):\n    result = 0\n    for value in values:\n        result += value\n    return result\n";
        folder.Write("a.py", Code);
        folder.Write("sub/b.py", Code.Replace("value", "item", StringComparison.Ordinal));
        folder.Write("node_modules/c.py", Code);
        folder.Write("README.md", "# x");
        string[] arguments = ["clones", folder.Path, "--model", program.Model, "--threshold", "1"];
        BuiltProgram.Result text = await BuiltProgram.RunAsync(arguments);
        Assert.Equal((0, ""), (text.Code, text.Error));
        Assert.Contains("1. Renamed copies: 2 functions, 5 repeated lines", text.Output, StringComparison.Ordinal);
        Assert.Contains("b.py:1-5  total  renamed", text.Output, StringComparison.Ordinal);
        Assert.Contains("1 files: of another kind", text.Output, StringComparison.Ordinal);
        Assert.Contains("node_modules", text.Output, StringComparison.Ordinal);

        using JsonDocument document = JsonDocument.Parse((await BuiltProgram.RunAsync([.. arguments, "--json"])).Output);
        Assert.Equal("renamed", document.RootElement.GetProperty("classes")[0].GetProperty("kind").GetString());
        Assert.Equal(1, document.RootElement.GetProperty("skipped").GetProperty("unknown-language").GetInt32());
    }

    [Fact]
    public async Task Run_EmptyFolder_SaysSo()
    {
        using TemporaryFolder folder = new();
        BuiltProgram.Result result = await BuiltProgram.RunAsync(["clones", folder.Path, "--model", program.Model]);
        Assert.Equal(0, result.Code);
        Assert.StartsWith("0 classes in 0 functions of 0 files", result.Output, StringComparison.Ordinal);
    }
}
