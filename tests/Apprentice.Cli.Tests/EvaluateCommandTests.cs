using System.Text.Json;
using Apprentice.Scanning.Tests;

namespace Apprentice.Cli.Tests;

public sealed class EvaluateCommandTests(BuiltProgram program) : IClassFixture<BuiltProgram>
{
    private static readonly string s_faults = string.Concat(Enumerable.Range(0, 12).Select(i =>
        $$"""{"id":"f{{i}}","task":"fault-localization","language":"{{(i % 2 == 0 ? "python" : "java")}}","code":"def f(a):\n    b = a + {{i}} * (a - 1)\n    return b\n","faulty_lines":[2],"source":"test","project_or_problem":"p{{i}}","origin":"real"}""" + "\n"));

    private static readonly string s_clones = string.Concat(Enumerable.Range(0, 12).Select(i =>
        $$"""{"id":"c{{i}}","task":"clone-detection","language_a":"python","language_b":"python","code_a":"def f(a):\n    return a + {{i}}\n","code_b":"def {{(i % 2 == 0 ? "f(a):\\n    return a" : "walk(node):\\n    yield node.next")}} + {{i}}\n","label":{{1 - (i % 2)}},"source":"test","problem":"p{{i}}","origin":"real"}""" + "\n"));

    [Fact]
    public async Task Run_Model_WritesOnePredictionARowThatScoresTheSame()
    {
        using TemporaryFolder folder = new();
        string data = folder.Write("faults.jsonl", s_faults);
        string predictions = Path.Combine(folder.Path, "out", "predictions.jsonl");
        BuiltProgram.Result made = await BuiltProgram.RunAsync(
            ["evaluate", "--task", "fault-localization", "--data", data, "--model", program.Model, "--predictions", predictions, "--threshold", "0.5", "--json"]);
        Assert.Equal(0, made.Code);
        string[] rows = await File.ReadAllLinesAsync(predictions);
        Assert.Equal(12, rows.Length);
        using JsonDocument row = JsonDocument.Parse(rows[0]);
        Assert.Equal("f0", row.RootElement.GetProperty("id").GetString());
        Assert.Equal(4, row.RootElement.GetProperty("line_scores").GetArrayLength());

        BuiltProgram.Result read = await BuiltProgram.RunAsync(["evaluate", "--task", "fault-localization", "--data", data, "--predictions-in", predictions, "--json"]);
        Assert.Equal((0, ""), (read.Code, read.Error));
        using JsonDocument first = JsonDocument.Parse(made.Output);
        using JsonDocument second = JsonDocument.Parse(read.Output);
        Assert.Equal(
            first.RootElement.GetProperty("scored")[0].GetProperty("metrics").GetRawText(), second.RootElement.GetProperty("scored")[0].GetProperty("metrics").GetRawText());
        Assert.Equal(["java", "python"], first.RootElement.GetProperty("scored")[0].GetProperty("groups").EnumerateArray()
            .Where(group => group.GetProperty("dimension").GetString() == "language").Select(group => group.GetProperty("name").GetString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Run_Baselines_AreShownBesideTheModel()
    {
        using TemporaryFolder folder = new();
        BuiltProgram.Result result = await BuiltProgram.RunAsync(
            ["evaluate", "--task", "fault-localization", "--data", folder.Write("faults.jsonl", s_faults), "--model", program.Model, "--baseline", "most-operators", "--baseline", "random-line"]);
        Assert.Equal((0, ""), (result.Code, result.Error));
        foreach (string part in new[] { "fault-localization on faults.jsonl", "Top-1", "most-operators", "random-line", "100.0 %", "by language", "Paired over 12 items" })
        {
            Assert.Contains(part, result.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Run_Clones_AreScored()
    {
        using TemporaryFolder folder = new();
        string data = folder.Write("clones.jsonl", s_clones);
        BuiltProgram.Result result = await BuiltProgram.RunAsync(["evaluate", "--task", "clone-detection", "--data", data, "--model", program.Model, "--baseline", "token-overlap", "--json"]);
        Assert.Equal((0, ""), (result.Code, result.Error));
        using JsonDocument document = JsonDocument.Parse(result.Output);
        Assert.Equal(["AP", "ROC-AUC"], document.RootElement.GetProperty("scored")[1].GetProperty("metrics").EnumerateObject().Select(metric => metric.Name));
    }

    [Fact]
    public async Task Run_OtherTasksRows_AreRefused()
    {
        using TemporaryFolder folder = new();
        string faults = folder.Write("faults.jsonl", s_faults);
        await Fails(["evaluate", "--task", "vulnerability-localization", "--data", faults, "--baseline", "random-line"], "--task says vulnerability-localization");
        await Fails(["evaluate", "--task", "clone-detection", "--data", faults, "--baseline", "token-overlap"], "line 1");
        await Fails(["evaluate", "--task", "fault-localization", "--data", folder.Write("bad.jsonl", "{\"id\": 1}\n"), "--baseline", "random-line"], "bad.jsonl, line 1");
        await Fails(["evaluate", "--task", "fault-localization", "--data", folder.Write("empty.jsonl", ""), "--baseline", "random-line"], "empty.jsonl");
        await Fails(["evaluate", "--task", "fault-localization", "--data", faults, "--predictions-in", folder.Write("p.jsonl", "{\"id\":\"f0\",\"line_scores\":[1,2,3,4]}\n")], "11 of 12 rows");
    }

    [Fact]
    public async Task Compare_TwoFiles_GivesThePairedTest()
    {
        using TemporaryFolder folder = new();
        string data = folder.Write("faults.jsonl", s_faults);
        string bad = folder.Write("bad.jsonl", string.Concat(Enumerable.Range(0, 12).Select(i => $$"""{"id":"f{{i}}","line_scores":[0.9,0.1,0.2,-1],"fault_probability":1}""" + "\n")));
        string good = folder.Write("good.jsonl", string.Concat(Enumerable.Range(0, 12).Select(i => $$"""{"id":"f{{i}}","line_scores":[0.1,0.9,0.2,-1],"fault_probability":1}""" + "\n")));
        BuiltProgram.Result text = await BuiltProgram.RunAsync(["compare", bad, good, "--data", data]);
        Assert.Equal((0, ""), (text.Code, text.Error));
        Assert.Contains("+100.0 pp", text.Output, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse((await BuiltProgram.RunAsync(["compare", bad, good, "--data", data, "--json"])).Output);
        JsonElement top1 = document.RootElement.GetProperty("comparison").GetProperty("differences")[0];
        Assert.Equal("Top-1", top1.GetProperty("metric").GetString());
        Assert.Equal(1, top1.GetProperty("difference").GetProperty("value").GetDouble());
        Assert.InRange(top1.GetProperty("p").GetDouble(), 0, 0.01);
    }

    private static async Task Fails(string[] arguments, string part)
    {
        BuiltProgram.Result result = await BuiltProgram.RunAsync(arguments);
        Assert.Equal(1, result.Code);
        Assert.Contains(part, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }
}
