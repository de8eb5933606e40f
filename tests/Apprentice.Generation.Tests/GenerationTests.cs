using Apprentice.Code;
using Apprentice.Data;

namespace Apprentice.Generation.Tests;

public sealed class GenerationTests(TestRunnerTests.Runners runners) : IClassFixture<TestRunnerTests.Runners>
{
    private static readonly PromptOptions s_options = new() { Model = "some-model", Variants = 1 };

    private static IReadOnlyList<GenerationRequest> Plan(string kind, int variants, params SeedFunction[] seeds) => kind == "fault"
        ? GenerationRequest.Faults(new FaultPrompt(s_options with { Variants = variants }), seeds, null, [])
        : GenerationRequest.Clones(new ClonePrompt(s_options with { Variants = variants }), seeds, []);

    private static string Edit(SeedFunction seed, string from, string to)
    {
        Assert.Contains(from, seed.Code);
        return seed.Code.Replace(from, to);
    }

    [Fact]
    public async Task Faults_AnswersOfEveryKind_EachGetsItsVerdict()
    {
        (string? Answer, string? Check, string Reason)[] script =
        [
            (Edit(Samples.Clamp, "value < low", "value > low"), null, ""),
            ("```csharp\n" + Edit(Samples.Clamp, "? high : value;", "? value : high; // swapped by mistake") + "\n```", null, ""),
            (null, "answer", "no answer"),
            ("I'm sorry, but I cannot do that.", "answer", "refused"),
            (Edit(Samples.Clamp, "return low;", "return low"), "syntax", ";"),
            (Edit(Samples.Clamp, "return low;", "return \"low\";"), "compile", "CS0029"),
            (Edit(Samples.Clamp, "return low;", "return (int)DateTime.Now.Ticks;"), "forbidden API", "System.DateTime.Now"),
            (Edit(Samples.Clamp, "int high)", "long high, int more)"), "compile", "CS0266"),
            (Edit(Samples.Clamp, "int high)", "int high, int more)"), "signature", "tests line 1"),
            (Samples.Clamp.Code.Replace("    ", "\t").Replace("{\n", "{ // changed\n"), "unchanged", "layout"),
            (Edit(Samples.Clamp, "value > high ? high : value", "high < value ? high : value"), "tests", "no fault"),
            (Edit(Samples.Clamp, "return low;", "while (true) { }"), "time-out", "processor time"),
            (Edit(Samples.Clamp, "return low;", "return 1 + Clamp(value, low, high);"), "crash", "stack overflow"),
            ("public static int Clamp(int value, int low, int high)\n{\n    int r = value;\n    r = r + 1;\n    r = r + low;\n    r = r - high;\n    r = r * 2;\n    r = r * 3;\n    r = r - 9;\n    return r;\n}", "rewrite", "lines changed"),
            (Edit(Samples.Clamp, "value < low", "value  >  low"), "duplicates", "same tokens"),
        ];
        IReadOnlyList<GenerationRequest> plan = Plan("fault", script.Length, Samples.Clamp);
        FaultGeneration generation = new(new CandidateCheckOptions { Run = "r" }, runners.Guarded);
        List<CheckedFault> results = [];
        await foreach (CheckedFault result in generation.CheckAsync(plan, Samples.Answers(plan, id => script[int.Parse(id.Split('v')[^1]) - 1].Answer)))
        {
            results.Add(result);
        }

        Assert.Equal(script.Length, results.Count);
        foreach (((string? answer, string? check, string reason), CheckedFault result) in script.Zip(results))
        {
            Assert.True(check == result.DroppedBy?.Check, $"{check}: {string.Join(", ", result.Verdicts)}\n{answer}");
            Assert.Contains(reason, result.DroppedBy?.Reason ?? "");
            Assert.Equal(check is null, result.Example is not null);
        }

        FaultExample first = results[0].Example!;
        Assert.Equal([3], first.FaultyLines);
        Assert.Equal(Samples.Clamp.Code, first.FixedCode);
        Assert.Equal(("r/fault/clamp/v1", "llm", "scripted-model", "clamp"), (first.Id, first.Origin, first.Llm, first.ProjectOrProblem));
        Assert.Equal(plan[0].Request.Hash, first.Provenance!.RequestHash);
        Assert.DoesNotContain("swapped", results[1].Example!.Code);
        Assert.Equal([8], results[1].Example!.FaultyLines);
    }

    [Fact]
    public async Task Faults_WithoutTestRuns_AreNotValidated()
    {
        IReadOnlyList<GenerationRequest> plan = Plan("fault", 1, Samples.Clamp);
        foreach (bool keep in (bool[])[false, true])
        {
            FaultGeneration generation = new(new CandidateCheckOptions { KeepUnvalidated = keep });
            CheckedFault result = Assert.Single(await generation.CheckAsync(plan, Samples.Answers(plan, _ => Edit(Samples.Clamp, "<", ">"))).ToListAsync());
            Assert.Equal(keep, result.Example is not null);
            Assert.Contains(result.Verdicts, v => v.Check == "tests" && v.Kept == keep && v.Reason!.StartsWith("not validated", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Faults_OfATestFunction_AreDroppedAndInTheLedger()
    {
        string path = Path.Combine(Path.GetTempPath(), $"ledger-{Guid.NewGuid():N}", "ledger.db");
        try
        {
            using Ledger ledger = Ledger.Open(path);
            Decontamination tests = new([new CodeItem("t1", Language.CSharp, Samples.Clamp.Code)]);
            IReadOnlyList<GenerationRequest> plan = Plan("fault", 1, Samples.Clamp, Samples.Gcd);
            FaultGeneration generation = new(null, runners.Guarded, tests, ledger);
            List<CheckedFault> results = await generation.CheckAsync(plan, Samples.Answers(plan, id => id.Contains("clamp", StringComparison.Ordinal)
                ? Edit(Samples.Clamp, "value < low", "value > low")
                : Edit(Samples.Gcd, "return a;", "return b;"))).ToListAsync();
            Assert.Equal("decontamination", results[0].DroppedBy!.Check);
            Assert.NotNull(results[1].Example);
            Assert.Equal(2, ledger.Funnel().Asked);
            Assert.Equal(1, ledger.Funnel().Unique);
            Assert.Equal("decontamination", ledger.WhyNot("run/fault/clamp/v1")!.DroppedBy!.Check);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Fact]
    public async Task Clones_AnswersOfEveryKind_AreJudgedAndPaired()
    {
        Dictionary<string, string> script = new()
        {
            ["clone/clamp/v1"] = "```csharp\npublic static class Solution\n{\n    public static int Clamp(int value, int low, int high) => Math.Max(low, Math.Min(high, value)); // simple\n}\n```",
            ["clone/clamp/v2"] = Samples.Clamp.Code.Replace("value", "x"),
            ["clone/vowels/v1"] = "public static int Vowels(string text) => text.Count(c => \"aeiouAEIOU\".IndexOf(c) >= 0);",
            ["clone/vowels/v2"] = "public static int CountVowels(string text) => text.Select(char.ToLowerInvariant).Where(c => c is 'a' or 'e' or 'i' or 'o' or 'u').ToList().Count;",
            ["clone/gcd/v1"] = "public static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);",
            ["clone/gcd/v2"] = "public static int Gcd(int a, int b)\n{\n    for (int d = Math.Min(a, b); d > 1; d--)\n    {\n        if (a % d == 0 && b % d == 0) return d + 1;\n    }\n    return 1;\n}",
        };
        IReadOnlyList<GenerationRequest> plan = Plan("clone", 2, [.. Samples.All]);
        List<CheckedClone> results = await new CloneGeneration(null, runners.Guarded).CheckAsync(plan, Samples.Answers(plan, id => script[id])).ToListAsync();
        Assert.Equal([null, "copy", "tests", "tests", null, "tests"], results.Select(r => r.DroppedBy?.Check));

        // LINQ on null throws ArgumentNullException where the seed throws NullReferenceException: the tests tell them apart.
        Assert.Contains("ArgumentNullException", results[2].DroppedBy!.Reason);
        Assert.False(results[5].Implementation!.Passes);
        Assert.DoesNotContain("simple", results[0].Implementation!.Code);

        GeneratedImplementation[] made = [.. results.Select(r => r.Implementation).OfType<GeneratedImplementation>()];
        IReadOnlyList<ClonePair> pairs = ClonePairs.Make(made);
        Assert.Equal(2, pairs.Count(p => p.Label == 1));
        Assert.Equal(2, pairs.Count(p => p.Label == 0));
        Assert.All(pairs, p => Assert.Contains("Solve(", p.CodeA));
        Assert.All(pairs, p => Assert.Contains("Solve(", p.CodeB));
        Assert.All(pairs.Where(p => p.Label == 0), p => Assert.Equal(2, p.Problem.Split('|').Distinct().Count()));
        Assert.Equal(pairs, ClonePairs.Make(made));
        Assert.Contains(ClonePairs.Make(made, new ClonePairOptions { NearMissesAsNegatives = true }), p => p.Problem == "gcd|gcd~near-miss" && p.Label == 0);
    }

    [Fact]
    public async Task Seeds_OfTheSamples_PassTheirOwnTests() =>
        Assert.All(await SeedValidation.ValidateAsync(Samples.All, runners.Guarded).ToListAsync(), s => Assert.True(s.Ok, s.Run.ToString()));

    [Fact]
    public async Task Check_AnswersOutOfOrder_IsRefused()
    {
        IReadOnlyList<GenerationRequest> plan = Plan("fault", 2, Samples.Clamp);
        await Assert.ThrowsAsync<ArgumentException>(async () =>
            await new FaultGeneration().CheckAsync(plan, Samples.Answers([plan[1], plan[0]], _ => "x")).ToListAsync());
    }
}
