namespace Apprentice.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("", "command was not provided")]
    [InlineData("frobnicate", "'frobnicate'")]
    [InlineData("localize", "argument missing")]
    [InlineData("localize -", "--language")]
    [InlineData("localize a.py --language cobol", "cobol")]
    [InlineData("localize a.py --top 0", "--top is 0")]
    [InlineData("localize a.py --top many", "many")]
    [InlineData("localize a.py --threads 0", "--threads is 0")]
    [InlineData("clones . --threshold 2", "threshold is 2")]
    [InlineData("clones . --min-lines 0", "lines is 0")]
    [InlineData("evaluate", "--task and --data")]
    [InlineData("evaluate --task sorting --data x --model builtin", "sorting")]
    [InlineData("evaluate --task fault-localization --data x", "nothing to score")]
    [InlineData("evaluate --task fault-localization --data x --model m --predictions-in p", "exclude each other")]
    [InlineData("evaluate --task fault-localization --data x --baseline token-overlap", "most-operators")]
    [InlineData("evaluate --task clone-detection --data x --baseline random-line", "token-overlap")]
    [InlineData("evaluate recipe.yaml --data x", "either a recipe")]
    [InlineData("generate", "argument missing")]
    [InlineData("train a b", "'b'")]
    [InlineData("demo extra", "'extra'")]
    [InlineData("compare a b", "--data")]
    [InlineData("pretrain recipe.yaml", "--data")]
    public async Task Run_WrongUsage_SaysWhatIsWrong(string arguments, string part)
    {
        BuiltProgram.Result result = await BuiltProgram.RunHereAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, result.Code);
        Assert.Contains(part, result.Error, StringComparison.Ordinal);
        Assert.Equal("", result.Output);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WrongUsageInAProcess_EndsWithTwo() => Assert.Equal(2, (await BuiltProgram.RunAsync(["frobnicate"])).Code);

    [Theory]
    [InlineData("localize Apprentice.slnx.cs --model absent", "does not exist")]
    [InlineData("clones absent-folder", "absent-folder")]
    [InlineData("clones . --model absent-model", "absent-model")]
    [InlineData("evaluate --task fault-localization --data absent.jsonl --baseline random-line", "absent.jsonl")]
    [InlineData("compare absent-a.jsonl absent-b.jsonl --data absent.jsonl", "absent.jsonl")]
    [InlineData("pretrain absent.yaml --data .", "absent.yaml")]
    [InlineData("generate absent.yaml", "absent.yaml")]
    [InlineData("train absent.yaml", "absent.yaml")]
    [InlineData("evaluate absent.yaml", "absent.yaml")]
    public async Task Run_AbsentThings_AreOneClearLine(string arguments, string part)
    {
        BuiltProgram.Result result = await BuiltProgram.RunHereAsync(arguments.Split(' '));
        Assert.Equal(1, result.Code);
        Assert.Contains(part, result.Error, StringComparison.Ordinal);
        Assert.Equal("", result.Output);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }
}
