using Apprentice.Data;
using Apprentice.Llm;

namespace Apprentice.Generation.Tests;

public sealed class PromptTests
{
    private static readonly PromptOptions s_options = new() { Model = "some-model", Variants = 4 };

    private static readonly FaultExample[] s_real =
    [
        Real("r1", "return a > b;"), Real("r2", "var m = new { X = \"[[correct]] {0}\" };"), Real("r3", "x++;"), Real("r4", "y--;"),
    ];

    private static FaultExample Real(string id, string code) => new() { Id = id, Language = "csharp", Code = code, FixedCode = code + " // right", FaultyLines = [1] };

    [Fact]
    public void FaultPrompt_TwoShots_HasTheFourPartsInOrder()
    {
        FaultPrompt prompt = new(s_options);
        ChatRequest request = prompt.Request(Samples.Clamp, [s_real[0], s_real[1]], 2);
        string text = Assert.Single(request.Messages).Text;
        int at = 0;
        foreach (string part in (string[])["You plant realistic faults", "### Correct function", s_real[0].FixedCode!, "### Buggy function", s_real[0].Code, "### End",
            "### Correct function", s_real[1].FixedCode!, "### Buggy function", s_real[1].Code, "### End", "### Correct function", Samples.Clamp.Code, "Fault 2 of 4", "### Buggy function"])
        {
            int found = text.IndexOf(part, at, StringComparison.Ordinal);
            Assert.True(found >= 0, $"'{part}' is not behind character {at} of\n{text}");
            at = found + part.Length;
        }

        Assert.EndsWith("### Buggy function", text);
        Assert.Equal("fault/clamp/v2", request.CustomId);
        Assert.Equal(["### End"], request.Stop);
    }

    [Fact]
    public void Requests_OfOneSeed_AllDiffer()
    {
        Assert.Equal(8, new FaultPrompt(s_options with { Variants = 8 }).Requests(Samples.Clamp, []).Select(r => r.Hash).Distinct().Count());
        Assert.Equal(2, new ClonePrompt(s_options with { Variants = 2 }).Requests(Samples.Clamp, []).Select(r => r.Hash).Distinct().Count());
    }

    [Fact]
    public void ClonePrompt_ShowsSpecificationAndSignature_NotTheImplementation()
    {
        string text = new ClonePrompt(s_options).Request(Samples.Clamp, [Samples.Gcd], 1).Messages[0].Text;
        Assert.Contains("Signature: public static int Clamp(int value, int low, int high)", text);
        Assert.Contains(Samples.Gcd.Code, text);
        Assert.Contains(Samples.Clamp.Spec, text);
        Assert.DoesNotContain("return low", text);
        Assert.DoesNotContain("[[", text);
    }

    [Fact]
    public void EndMarker_OfAnAnswer_RoundTripsThroughTheParser()
    {
        FaultPrompt prompt = new(s_options);
        ParsedAnswer parsed = AnswerParser.Parse($"{Samples.Clamp.Code}\n{prompt.EndMarker}\n", Apprentice.Code.Language.CSharp, "Clamp");
        Assert.Equal(Samples.Clamp.Code, parsed.Code);
    }

    [Fact]
    public void Template_OfTheUser_ReplacesTheBuiltInOneAndHasItsOwnHash()
    {
        string path = Path.Combine(Path.GetTempPath(), $"prompt-{Guid.NewGuid():N}.txt");
        try
        {
            File.WriteAllText(path, "note\r\n%% task\r\nBreak it.\r\n%% demonstration\r\n[[correct]]=>[[buggy]]\r\n%% target\r\n[[correct]] {x} [[[number]]]\r\n%% end\r\nEND\r\n");
            PromptTemplate template = PromptTemplate.Load(path);
            FaultPrompt prompt = new(s_options, template);
            Assert.Equal($"Break it.\n\n{Samples.Gcd.Code} {{x}} [1]", prompt.Request(Samples.Gcd, [], 1).Messages[0].Text);
            Assert.NotEqual(PromptTemplate.BuiltIn("fault-two-shot").Hash, template.Hash);
            File.WriteAllText(path, "%% task\nx\n%% end\n.\n%% target\n[[unknown]]\n");
            PromptTemplateException error = Assert.Throws<PromptTemplateException>(() => new FaultPrompt(s_options, PromptTemplate.Load(path)).Request(Samples.Gcd, [], 1));
            Assert.Contains("[[unknown]]", error.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Choose_PlantedClusters_ShowsOneOfEach()
    {
        EmbeddedFunction[] pool = [.. Enumerable.Range(0, 20).Select(i => new EmbeddedFunction($"p{i}", $"text {i}", i % 2 == 0 ? [10, i * 0.1f] : [-10, i * 0.1f]))];
        EmbeddedFunction[] queries = [.. pool.Take(4), new("q", "other", [9, 1.8f]), new("same", "text 18", [10, 1.8f])];
        Demonstrations chosen = Demonstrations.Choose(pool, queries, new DemonstrationOptions { Embedder = "abc", Excluded = new HashSet<string> { "text 19" } });
        foreach (EmbeddedFunction query in queries)
        {
            IReadOnlyList<string> ids = chosen.For(query.Id);
            Assert.Equal(2, ids.Count);
            Assert.NotEqual(int.Parse(ids[0][1..]) % 2, int.Parse(ids[1][1..]) % 2);
            Assert.DoesNotContain(query.Id, ids);
            Assert.DoesNotContain("p19", ids);
        }

        Assert.Contains("p18", chosen.For("q"));
        Assert.DoesNotContain("p18", chosen.For("same"));
        string path = Path.Combine(Path.GetTempPath(), $"demonstrations-{Guid.NewGuid():N}.json");
        try
        {
            await chosen.SaveAsync(path);
            Demonstrations loaded = await Demonstrations.LoadAsync(path);
            Assert.Equal("abc", loaded.Embedder);
            Assert.All(queries, q => Assert.Equal(chosen.For(q.Id), loaded.For(q.Id)));
            await File.WriteAllTextAsync(path, "[1]");
            await Assert.ThrowsAsync<DatasetException>(() => Demonstrations.LoadAsync(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Choose_TooFewToCluster_DrawsUnderTheSeed()
    {
        EmbeddedFunction[] pool = [new("a", "a", [1, 2])];
        Assert.Equal(["a"], Demonstrations.Choose(pool, [new("q", "q", [1, 1])]).For("q"));
        Assert.Empty(Demonstrations.Choose(pool, [new("a", "a", [1, 1])]).For("a"));
        Assert.Empty(Demonstrations.Choose([], [new("q", "q", [1, 1])]).For("q"));
    }

    [Fact]
    public async Task SeedSet_ReadAndWrite_RoundTripsAndNamesTheLineOfAnError()
    {
        string path = Path.Combine(Path.GetTempPath(), $"seeds-{Guid.NewGuid():N}.jsonl");
        try
        {
            await SeedSet.WriteAsync(path, Samples.All);
            Assert.Equal(Samples.All, await SeedSet.ReadAsync(path));
            async Task Fails(string line, string problem)
            {
                await File.WriteAllTextAsync(path, "{\"id\":\"a\",\"name\":\"F\",\"language\":\"csharp\",\"spec\":\"s\",\"code\":\"c\"}\n" + line + "\n");
                DatasetException error = await Assert.ThrowsAsync<DatasetException>(() => SeedSet.ReadAsync(path));
                Assert.Equal(2, error.Line);
                Assert.Contains(problem, error.Message);
            }

            await Fails("{\"id\":\"a\",\"name\":\"F\",\"language\":\"csharp\",\"spec\":\"s\",\"code\":\"c\"}", "line 1");
            await Fails("{\"id\":\"b\",\"name\":\"F\",\"language\":\"cobol\",\"spec\":\"s\",\"code\":\"c\"}", "cobol");
            await Fails("{\"id\":\"b\",\"name\":\"F\",\"language\":\"csharp\",\"spec\":\"s\"}", "'code'");
            await Fails("{\"id\":\"b/c\",\"name\":\"F\",\"language\":\"csharp\",\"spec\":\"s\",\"code\":\"c\"}", "b/c");
        }
        finally
        {
            File.Delete(path);
        }
    }
}
