using Apprentice.Compute;
using Apprentice.Data;
using Apprentice.Evaluation;
using Apprentice.Models;
using Apprentice.Tokenizers;
using Apprentice.Training;

namespace Apprentice.Workspace.Tests;

public sealed class ExperimentRunnerTests
{
    private const string FaultArms = """
        - name: before
          stages: [{data: [real]}]
        - name: after
          stages: [{data: [llm]}, {data: [real], training: {steps: 5}}]
        - name: mixed
          stages: [{data: [llm]}, {data: [real, llm], training: {steps: 4}}]
        """;

    [Fact]
    public async Task Train_TwoStagesTwoSeeds_SharesStagesAndReusesCells()
    {
        using Work<FaultExample, LinePrediction> work = await Work.FaultsAsync(FaultArms);
        (var cells, string[] events) = await work.TrainAsync();
        Assert.Equal(["before 1", "before 2", "after 1", "after 2", "mixed 1", "mixed 2"], cells.Select(cell => $"{cell.Arm} {cell.Seed}"));
        Assert.Equal(6, cells.Select(cell => cell.Folder).Distinct().Count());
        Assert.Equal([(6, 4), (6, 4), (11, 7), (11, 7), (10, 10), (10, 10)], cells.Select(cell => (cell.Steps, cell.Rows)));
        Assert.All(cells, cell => Assert.Equal(cell.Steps, cell.Losses.Count));

        // The first stage of 'after' and 'mixed' is one cell a seed: trained once.
        Assert.Equal(8, Directory.GetDirectories(work.Cells).Length);
        Assert.Equal(2 * (6 + 6 + 5 + 4), events.Length);
        Assert.DoesNotContain(events, text => text.StartsWith("mixed", StringComparison.Ordinal) && text.Contains("stage 1 of 2", StringComparison.Ordinal));
        Assert.Contains(events, text => text.StartsWith("after, seed 2, stage 1 of 2", StringComparison.Ordinal));

        // Nothing is left of the work, and nothing is done again.
        Assert.Equal(["losses.json"], Directory.GetFiles(cells[0].Folder).Select(Path.GetFileName));
        (var again, string[] none) = await work.TrainAsync();
        Assert.Empty(none);
        Assert.Equal(cells.Select(Show), again.Select(Show));

        // Predictions too are kept.
        List<FaultExample> rows = await FaultDataset.ReadAllAsync(work.Folder["test.jsonl"]);
        IReadOnlyList<LinePrediction> first = await work.Runner().PredictAsync(cells[2], "held", rows, default);
        Assert.Equal(rows.Select(row => row.Id), first.Select(prediction => prediction.Id));
        string file = Assert.Single(Directory.GetFiles(cells[2].Folder, "predictions.held.*.jsonl"));
        DateTime written = File.GetLastWriteTimeUtc(file);
        IReadOnlyList<LinePrediction> second = await work.Runner().PredictAsync(cells[2], "held", rows, default);
        Assert.Equal(written, File.GetLastWriteTimeUtc(file));
        Assert.Equal(first.SelectMany(prediction => prediction.LineScores), second.SelectMany(prediction => prediction.LineScores));

        // Other rows of the same name are other predictions.
        Assert.Single(await work.Runner().PredictAsync(cells[2], "held", rows[..1], default));
    }

    [Fact]
    public async Task Train_Interrupted_EndsWithTheSameModels()
    {
        using Work<FaultExample, LinePrediction> whole = await Work.FaultsAsync(FaultArms, "validate_every: 2");
        (var expected, string[] events) = await whole.TrainAsync();
        using Work<FaultExample, LinePrediction> work = await Work.FaultsAsync(FaultArms, "validate_every: 2");
        foreach (int stop in new[] { 1, 3, 9, 2 })
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work.TrainAsync(stopAfter: stop));
        }

        (var cells, string[] rest) = await work.TrainAsync();
        Assert.True(rest.Length < events.Length);
        Assert.Equal(expected.Select(cell => Path.GetFileName(cell.Folder)), cells.Select(cell => Path.GetFileName(cell.Folder)));
        Assert.Equal(expected.SelectMany(cell => cell.Losses), cells.SelectMany(cell => cell.Losses));
        foreach ((var a, var b) in expected.Zip(cells))
        {
            foreach (string name in new[] { "model.safetensors", "apprentice.json" })
            {
                Assert.Equal(File.ReadAllBytes(Path.Combine(a.Folder, "model", name)), File.ReadAllBytes(Path.Combine(b.Folder, "model", name)));
            }
        }
    }

    [Fact]
    public async Task Train_SecondStageSettings_HoldInThatStage()
    {
        // Both arms share the first stage; the window of the second is so short that it must show.
        using Work<FaultExample, LinePrediction> work = await Work.FaultsAsync("""
            - name: long
              stages: [{data: [llm]}, {data: [real]}]
            - name: short
              stages: [{data: [llm]}, {data: [real], training: {maximum_length: 16}}]
            """);
        (var cells, _) = await work.TrainAsync();
        Assert.Equal(0, TaskSettings.Load(Path.Combine(cells[0].Folder, "model")).MaximumLength);
        Assert.Equal(16, TaskSettings.Load(Path.Combine(cells[2].Folder, "model")).MaximumLength);
        Assert.NotEqual(cells[0].Losses, cells[2].Losses);
    }

    [Fact]
    public async Task Train_ShuffledControl_ShufflesOnlyTheNamedData()
    {
        using Work<FaultExample, LinePrediction> work = await Work.FaultsAsync("""
            - name: after
              stages: [{data: [llm, real]}]
            - name: control
              stages: [{data: [llm, real], shuffle_labels: [llm]}]
            - name: by hand
              stages: [{data: [shuffled, real]}]
            """);

        // The control of a seed is what a file with labels shuffled by that seed gives, down to the cell; nothing else differs.
        List<FaultExample> llm = await FaultDataset.ReadAllAsync(work.Folder["llm.jsonl"]);
        List<FaultExample> shuffled = new FaultTask().ShuffleLabels(llm, new SeededRandom(1));
        Assert.Equal(llm.Select(row => (row.Id, row.Code, row.FixedCode)), shuffled.Select(row => (row.Id, row.Code, row.FixedCode)));
        Assert.NotEqual(llm.SelectMany(row => row.FaultyLines), shuffled.SelectMany(row => row.FaultyLines));
        await FaultDataset.WriteAsync(work.Folder["shuffled.jsonl"], shuffled);
        work.Folder.Write("recipe.yaml", File.ReadAllText(work.Folder["recipe.yaml"]).Replace("data:\n", "data:\n  shuffled: [{file: shuffled.jsonl}]\n", StringComparison.Ordinal));
        (var cells, _) = await work.TrainAsync();
        Assert.Equal(cells[2].Folder, cells[4].Folder);
        Assert.Equal(5, cells.Select(cell => cell.Folder).Distinct().Count());
    }

    [Fact]
    public void ShuffleLabels_ManyRows_KeepsCountsAndCandidates()
    {
        FaultExample[] rows = [.. Enumerable.Range(0, 60).Select(i => new FaultExample { Id = $"{i}", Language = "csharp", Code = Work.Function(i), FaultyLines = i % 3 == 0 ? [4, 5] : [5] })];
        List<FaultExample> shuffled = new FaultTask().ShuffleLabels(rows, new SeededRandom(9));
        Assert.Equal(rows.Select(row => row.FaultyLines.Count), shuffled.Select(row => row.FaultyLines.Count));
        Assert.All(shuffled, row => Assert.DoesNotContain(row.FaultyLines, line => line is 2 or 7));
        Assert.Equal([1, 3, 4, 5, 6], shuffled.SelectMany(row => row.FaultyLines).Distinct().Order());

        ClonePair[] pairs = [.. Enumerable.Range(0, 60).Select(i => new ClonePair { Id = $"{i}", LanguageA = "c", LanguageB = "c", CodeA = "a", CodeB = "b", Label = i % 2 })];
        List<ClonePair> mixed = new CloneTask().ShuffleLabels(pairs, new SeededRandom(9));
        Assert.Equal(30, mixed.Count(pair => pair.Label == 1));
        Assert.NotEqual(pairs.Select(pair => pair.Label), mixed.Select(pair => pair.Label));
    }

    [Fact]
    public async Task Train_OtherInputs_AreOtherCells()
    {
        const string Arms = "- name: before\n  stages: [{data: [real]}]";
        using Work<FaultExample, LinePrediction> work = await Work.FaultsAsync(Arms);
        string first = (await work.TrainAsync()).Cells[0].Folder;

        // A changed label, then another base: the old cell may not be found.
        List<FaultExample> rows = await FaultDataset.ReadAllAsync(work.Folder["real.jsonl"]);
        rows[0] = rows[0] with { FaultyLines = [1] };
        await FaultDataset.WriteAsync(work.Folder["real.jsonl"], rows);
        string second = (await work.TrainAsync()).Cells[0].Folder;
        Work.SaveBase(work.Folder["base"], seed: 77);
        string third = (await work.TrainAsync()).Cells[0].Folder;
        Assert.Equal(3, new[] { first, second, third }.Distinct().Count());

        // A validation split that training does not look at is no input: thresholds are chosen at evaluation.
        await FaultDataset.WriteAsync(work.Folder["valid.jsonl"], rows);
        Assert.Equal(third, (await work.TrainAsync()).Cells[0].Folder);
    }

    [Fact]
    public async Task Train_TooFewRowsOrNoneGenerated_SaysWhatToDo()
    {
        using Work<FaultExample, LinePrediction> work = await Work.FaultsAsync("- name: before\n  stages: [{data: [real]}]", count: 99);
        string message = (await Assert.ThrowsAsync<RecipeException>(() => work.TrainAsync())).Message;
        Assert.Contains("has 4 rows", message);
        Assert.Contains("99", message);
    }

    [Theory]
    [InlineData("siamese")]
    [InlineData("pair")]
    public async Task Train_Clones_ReusesCellsAndPredicts(string head)
    {
        using Work<ClonePair, PairPrediction> work = await Work.ClonesAsync(head, """
            - name: before
              stages: [{data: [real]}]
            - name: control
              stages: [{data: [llm], shuffle_labels: [llm]}, {data: [real]}]
            """);
        (var cells, string[] events) = await work.TrainAsync();
        Assert.Equal(2 * (6 + 6 + 6), events.Length);
        (var again, string[] none) = await work.TrainAsync();
        Assert.Empty(none);
        Assert.Equal(cells.Select(Show), again.Select(Show));
        List<ClonePair> rows = await CloneDataset.ReadAllAsync(work.Folder["test.jsonl"]);
        IReadOnlyList<PairPrediction> predictions = await work.Runner().PredictAsync(cells[0], "held", rows, default);
        Assert.Equal(rows.Select(row => row.Id), predictions.Select(prediction => prediction.Id));
        using TaskModel model = TaskModel.Load(Path.Combine(cells[0].Folder, "model"));
        Assert.Equal(head == "pair", model.PairHead is not null);
    }

    private static string Show<TRow, TPrediction>(ExperimentRunner<TRow, TPrediction>.Cell cell)
        where TRow : class => $"{cell.Arm} {cell.Seed} {cell.Folder} {cell.Steps} {cell.Rows} {string.Join(' ', cell.Losses)}";
}

/// <summary>A small experiment in a folder: base model, data, recipe, run.</summary>
internal sealed class Work<TRow, TPrediction>(TemporaryFolder folder, ExperimentTask<TRow, TPrediction> task) : IDisposable
    where TRow : class
{
    private readonly Workers _workers = new(1);

    public TemporaryFolder Folder => folder;

    public string Cells => folder["cells"];

    public ExperimentRunner<TRow, TPrediction> Runner(IProgress<JobEvent>? events = null) =>
        new(RecipeFile.Load(folder["recipe.yaml"]), task, new RunFolder(folder["run"]).Create(), _workers, events ?? new Listener(_ => { }));

    public async Task<(List<ExperimentRunner<TRow, TPrediction>.Cell> Cells, string[] Steps)> TrainAsync(int stopAfter = int.MaxValue)
    {
        using CancellationTokenSource source = new();
        List<string> steps = [];
        Listener listener = new(progress =>
        {
            steps.Add($"{progress.Title}: {progress.Done}");
            if (steps.Count == stopAfter)
            {
                source.Cancel();
            }
        });
        return (await Runner(listener).TrainAsync(source.Token), [.. steps]);
    }

    public void Dispose()
    {
        _workers.Dispose();
        folder.Dispose();
    }

    private sealed class Listener(Action<JobProgress> heard) : IProgress<JobEvent>
    {
        public void Report(JobEvent value)
        {
            if (value is JobProgress progress)
            {
                heard(progress);
            }
        }
    }
}

/// <summary>Makes small experiments.</summary>
internal static class Work
{
    private static readonly ByteLevelBpe s_tokenizer = BpeTrainer.Train(Enumerable.Range(0, 30).Select(Function), new BpeTrainerOptions { VocabularySize = 320 });

    public static async Task<Work<FaultExample, LinePrediction>> FaultsAsync(string arms, string training = "warmup_share: 0.1", int count = 0)
    {
        TemporaryFolder folder = Begin("fault-localization", arms, training, count);
        FaultExample Row(string name, int i) => new() { Id = $"{name}{i}", Language = "csharp", Code = Function(i), FaultyLines = [3 + (i % 3)], FixedCode = Function(i + 500) };
        foreach ((string name, int rows) in new[] { ("real", 4), ("llm", 3), ("valid", 3), ("test", 5) })
        {
            await FaultDataset.WriteAsync(folder[$"{name}.jsonl"], Enumerable.Range(0, rows).Select(i => Row(name, i + (10 * name.Length))));
        }

        return new Work<FaultExample, LinePrediction>(folder, new FaultTask());
    }

    public static async Task<Work<ClonePair, PairPrediction>> ClonesAsync(string head, string arms)
    {
        TemporaryFolder folder = Begin("clone-detection", arms, "warmup_share: 0.1", 0, head);
        ClonePair Row(string name, int i) => new() { Id = $"{name}{i}", LanguageA = "csharp", LanguageB = "csharp", CodeA = Function(i), CodeB = Function(i + (i % 2)), Label = 1 - (i % 2) };
        foreach (string name in new[] { "real", "llm", "valid", "test" })
        {
            await CloneDataset.WriteAsync(folder[$"{name}.jsonl"], Enumerable.Range(0, 6).Select(i => Row(name, i + (10 * name.Length))));
        }

        return new Work<ClonePair, PairPrediction>(folder, new CloneTask());
    }

    public static void SaveBase(string folder, int seed)
    {
        RobertaConfig config = new()
        {
            VocabularySize = s_tokenizer.VocabularySize, HiddenSize = 16, HiddenLayers = 1, AttentionHeads = 2, IntermediateSize = 32, MaximumPositionEmbeddings = 66,
            PadTokenId = s_tokenizer.PadId, BeginTokenId = s_tokenizer.StartId, EndTokenId = s_tokenizer.EndId,
        };
        using TaskModel model = TaskModel.CreateRandom(config, s_tokenizer, new TaskSettings(), seed, withLanguageHead: true);
        model.Save(folder);
    }

    private static TemporaryFolder Begin(string task, string arms, string training, int count, string head = "siamese")
    {
        TemporaryFolder folder = new();
        SaveBase(folder["base"], seed: 1);
        folder.Write("recipe.yaml", $$"""
            name: small
            task: {{task}}
            base: base
            clone_head: {{head}}
            data:
              real: [{file: real.jsonl, count: {{count}}}]
              llm: [{file: llm.jsonl}]
            valid: [valid.jsonl]
            test: {held: test.jsonl}
            seeds: [1, 2]
            training: {steps: 6, batch_size: 3, learning_rate: 1e-3, {{training}}}
            arms:
            {{arms}}
            """);
        return folder;
    }

    public static string Function(int i) => $"static int F{i}(int a, int b)\n{{\n    int c = a + {i};\n    if (c < b)\n        c = b * {i % 7};\n    return c;\n}}";
}
