using System.IO.Compression;
using System.Text.Json;
using Apprentice.Code;
using Apprentice.Data;

namespace Apprentice.Training.Tests;

public sealed class FunctionCorpusTests
{
    private const string Class = "class A\n{\n    int F(int a)\n    {\n        int b = a;\n        return b;\n    }\n\n    int Short => 1;\n}\n";

    [Fact]
    public async Task Build_SmallShard_FindsFunctionsOnceAndUnindented()
    {
        using TemporaryFolder folder = new();
        Write(folder["one.jsonl.gz"], ("r/a", "A.cs", "csharp", Class), ("r/b", "B.cs", "csharp", Class.Replace("\n", "\r\n").Replace("    ", "\t")), ("r/c", "empty.py", "python", ""));
        Write(folder["two.jsonl.gz"], ("r/d", "d.py", "python", "class D:\n    def g(self, x):\n        y = x\n        if y:\n            return y\n        return 1\n"));
        List<(int Files, int Functions)> seen = [];
        await FunctionCorpus.BuildAsync([folder["one.jsonl.gz"], folder["two.jsonl.gz"]], folder["functions.jsonl.gz"], new Collect(seen));
        IReadOnlyList<(string Code, Language Language)> functions = await FunctionCorpus.ReadAsync(folder["functions.jsonl.gz"]);
        Assert.Equal(
            [("int F(int a)\n{\n    int b = a;\n    return b;\n}", Language.CSharp), ("def g(self, x):\n    y = x\n    if y:\n        return y\n    return 1", Language.Python)],
            functions.Select(function => (function.Code.TrimEnd('\n'), function.Language)));
        Assert.Equal((4, 2), seen[^1]);
    }

    [Fact]
    public async Task Build_Failure_LeavesWhatWasThere()
    {
        using TemporaryFolder folder = new();
        Write(folder["good.jsonl.gz"], ("r/a", "A.cs", "csharp", Class));
        File.WriteAllText(folder["bad.jsonl"], "{\"repo\": \"r\"}\n");
        await Assert.ThrowsAsync<DatasetException>(() => FunctionCorpus.BuildAsync([folder["good.jsonl.gz"], folder["bad.jsonl"]], folder["out.jsonl"]));
        Assert.Equal(["bad.jsonl", "good.jsonl.gz"], folder.Names());

        await FunctionCorpus.BuildAsync([folder["good.jsonl.gz"]], folder["out.jsonl"]);
        byte[] before = File.ReadAllBytes(folder["out.jsonl"]);
        using CancellationTokenSource source = new();
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FunctionCorpus.BuildAsync([folder["good.jsonl.gz"]], folder["out.jsonl"], null, source.Token));
        Assert.Equal(before, File.ReadAllBytes(folder["out.jsonl"]));
        Assert.Equal(["bad.jsonl", "good.jsonl.gz", "out.jsonl"], folder.Names());
    }

    [Theory]
    [InlineData("a\n  b", "a\n  b")]
    [InlineData("  a\n    b\n  c", "a\n  b\nc")]
    [InlineData("\ta\r\n\t\tb\r\n\tc", "a\n\tb\nc")]
    [InlineData("    a\n\n  b\n    c", "a\n\n  b\nc")]
    [InlineData("", "")]
    public void Unindent_Text_TakesTheFirstLinesIndentation(string code, string expected) => Assert.Equal(expected, FunctionCorpus.Unindent(code));

    private static void Write(string path, params (string Repo, string Path, string Language, string Text)[] files)
    {
        using StreamWriter writer = new(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        foreach ((string repo, string file, string language, string text) in files)
        {
            writer.WriteLine(JsonSerializer.Serialize(new { repo, path = file, language, license = "MIT", text }));
        }
    }

    private sealed class Collect(List<(int, int)> seen) : IProgress<(int Files, int Functions)>
    {
        public void Report((int Files, int Functions) value) => seen.Add(value);
    }
}
