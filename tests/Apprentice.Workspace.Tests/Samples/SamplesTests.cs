using Apprentice.Code;
using Apprentice.Data;
using Apprentice.Generation;
using Apprentice.Llm;
using Apprentice.Testing;

namespace Apprentice.Workspace.Tests;

/// <summary>The demo's files are what samples/README.md says of them.</summary>
public sealed class SamplesTests
{
    private static string Sample(string name) => Path.Combine(SharedFiles.Repository, "samples", "demo", name);

    [Theory]
    [InlineData("faults.train.jsonl", 40)]
    [InlineData("faults.valid.jsonl", 30)]
    [InlineData("faults.test.jsonl", 165)]
    public async Task Faults_EveryRow_CompilesAndHasTheLabelsOfItsDiff(string name, int count)
    {
        List<FaultExample> rows = await FaultDataset.ReadAllAsync(Sample(name), TestContext.Current.CancellationToken);
        Assert.Equal(count, rows.Count);
        Assert.Equal(count, rows.Select(row => row.Id).Distinct().Count());
        foreach (FaultExample row in rows)
        {
            FaultLabels labels = LineDiff.Label(Language.CSharp, row.Code, row.FixedCode!);
            Assert.Equal(labels.Lines, row.FaultyLines);
            Assert.Equal(labels.Insertion, row.Insertion);
            Assert.InRange(row.FaultyLines.Count, 1, 3);
            Assert.True(SyntaxCheck.Check(Language.CSharp, row.Code).Ok, row.Id);
            Assert.True(SyntaxCheck.Check(Language.CSharp, row.FixedCode!).Ok, row.Id);
        }
    }

    [Theory]
    [InlineData("clones.train.jsonl", 40)]
    [InlineData("clones.valid.jsonl", 30)]
    [InlineData("clones.test.jsonl", 150)]
    public async Task Clones_HalfAreClonesAndNoneIsACopy(string name, int count)
    {
        List<ClonePair> rows = await CloneDataset.ReadAllAsync(Sample(name), TestContext.Current.CancellationToken);
        Assert.Equal(count, rows.Count);
        Assert.Equal(count / 2, rows.Count(row => row.Label == 1));
        Assert.All(rows, row => Assert.True(SyntaxCheck.Check(Language.CSharp, row.CodeA).Ok && SyntaxCheck.Check(Language.CSharp, row.CodeB).Ok, row.Id));
        Assert.All(rows.Where(row => row.Label == 1), row => Assert.DoesNotContain(CloneType.Of(Language.CSharp, row.CodeA, row.CodeB), new[] { "T1", "T2" }));
    }

    [Fact]
    public async Task Splits_ShareNoFunction()
    {
        List<FaultExample> test = await FaultDataset.ReadAllAsync(Sample("faults.test.jsonl"), TestContext.Current.CancellationToken);
        Decontamination heldOut = new(test.SelectMany(CodeItem.Of));
        List<string> found = [];
        foreach (string name in (string[])["faults.train.jsonl", "faults.valid.jsonl"])
        {
            List<FaultExample> rows = await FaultDataset.ReadAllAsync(Sample(name), TestContext.Current.CancellationToken);
            found.AddRange(rows.SelectMany(CodeItem.Of).Select(heldOut.Check).OfType<Contamination>().Select(item => $"{item.Id}: {item.Reason}"));
        }

        Assert.Empty(found);

        List<ClonePair> clones = await CloneDataset.ReadAllAsync(Sample("clones.test.jsonl"), TestContext.Current.CancellationToken);
        HashSet<string> problems = [.. clones.SelectMany(Problems)];
        foreach (string name in (string[])["clones.train.jsonl", "clones.valid.jsonl"])
        {
            Assert.DoesNotContain((await CloneDataset.ReadAllAsync(Sample(name), TestContext.Current.CancellationToken)).SelectMany(Problems), problems.Contains);
        }

        static IEnumerable<string> Problems(ClonePair pair) => pair.Problem.Split('|').Select(problem => problem.Replace("-near-miss", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Seeds_AllPassTheirOwnTests()
    {
        IReadOnlyList<SeedFunction> seeds = await SeedSet.ReadAsync(Sample("seeds.jsonl"), TestContext.Current.CancellationToken);
        Assert.Equal(120, seeds.Count);
        await using TestRunner runner = new(new TestRunnerOptions { AllowWithoutIsolation = true });
        await foreach (ValidatedSeed seed in SeedValidation.ValidateAsync(seeds, runner, TestContext.Current.CancellationToken))
        {
            Assert.True(seed.Ok, $"{seed.Seed.Id}: {seed.Run.Message}");
        }
    }

    [Theory]
    [InlineData("faults", 4)]
    [InlineData("clones", 2)]
    public async Task Recording_IsPinnedAndAnswersEveryRequest(string kind, int variants)
    {
        Recipe recipe = RecipeFile.Load(Sample($"{kind}.yaml"));
        ProviderRecipe provider = recipe.Generate!.Provider;
        Assert.Equal(provider.AnswersHash, await DatasetHash.OfFileAsync(provider.Answers!, TestContext.Current.CancellationToken));
        List<ChatRequest> requests = [];
        await foreach (ChatRequest request in BatchFile.ReadRequestsAsync(provider.Requests!, cancellationToken: TestContext.Current.CancellationToken))
        {
            requests.Add(request);
        }

        Assert.Equal(120 * variants, requests.Count);
        BatchResult result = await BatchFile.MatchAsync(requests, provider.Answers!, TestContext.Current.CancellationToken);
        Assert.Empty(result.Missing);
        Assert.Equal(0, result.Duplicates);
    }
}
