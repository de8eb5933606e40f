using System.Text.Json;
using Apprentice.Compute;
using Apprentice.Data;
using Apprentice.Generation;
using Apprentice.Llm;
using Apprentice.Training;
using Microsoft.Extensions.AI;

namespace Apprentice.Workspace;

/// <summary>What a user decides for one run of the generate step.</summary>
public sealed record GenerateRunOptions
{
    /// <summary>Whether the seeds' tests may be run on answers. Default no.</summary>
    public bool RunTests { get; init; }

    /// <summary>Whether tests may run where the machine offers no isolation; only for answers that were read before, such as the demo's pinned recording. Default no.</summary>
    public bool AllowWithoutIsolation { get; init; }
}

/// <summary>What the generate step made.</summary>
/// <param name="Funnel">Counts from asked to selected.</param>
/// <param name="Drops">Why candidates were dropped.</param>
/// <param name="Selected">Examples written; 0 when answers are still to come.</param>
/// <param name="Waiting">True when requests were written for a batch job and its answers are not there yet.</param>
public sealed record GenerateResult(Funnel Funnel, IReadOnlyList<DropCount> Drops, int Selected, bool Waiting);

/// <summary>Seeds → demonstrations → prompts → answers → checks → selection; every answer and every verdict is kept.</summary>
public static class GenerateStep
{
    private const string Run = "generate";

    /// <summary>Runs or continues the step. Answers that are stored are not asked again.</summary>
    /// <param name="recipe">What to generate.</param>
    /// <param name="folder">Where files are kept.</param>
    /// <param name="options">The user's decisions.</param>
    /// <param name="workers">Threads for embeddings.</param>
    /// <param name="events">Told about progress.</param>
    /// <param name="cancellationToken">Stops; the same call continues.</param>
    /// <exception cref="RecipeException">The recipe generates nothing, or a recording is not the expected one.</exception>
    public static async Task<GenerateResult> RunAsync(
        Recipe recipe, RunFolder folder, GenerateRunOptions options, Workers workers, IProgress<JobEvent> events, CancellationToken cancellationToken)
    {
        GenerationRecipe generation = recipe.Generate ?? throw new RecipeException($"Recipe '{recipe.Name}' has no 'generate' part.");
        folder.Create();
        bool faults = generation.Strategy == "fault-two-shot";
        IReadOnlyList<SeedFunction> seeds = await SeedSet.ReadAsync(generation.Seeds, cancellationToken).ConfigureAwait(false);
        Decontamination heldOut = await HeldOutAsync(recipe, cancellationToken).ConfigureAwait(false);
        List<SeedFunction> clean = [];
        foreach (SeedFunction seed in seeds)
        {
            Contamination? found = heldOut.Check(new CodeItem(seed.Id, Code.Languages.Parse(seed.Language), seed.Code));
            if (found is null)
            {
                clean.Add(seed);
            }
            else
            {
                events.Report(new JobNote($"seed {seed.Id} is left out: {found.Reason}"));
            }
        }

        using TaskModel embedder = TaskModel.Create(recipe.Base is "random" or "builtin" ? BuiltinModel.Folder : recipe.Base, new TaskSettings(), seed: 1);
        List<FaultExample> real = faults ? await RealAsync<FaultExample>(recipe, generation, FaultDataset.ReadAllAsync, cancellationToken).ConfigureAwait(false) : [];
        IReadOnlyList<GenerationRequest> plan = faults
            ? await FaultPlanAsync(recipe, generation, folder, clean, real, embedder, workers, events, cancellationToken).ConfigureAwait(false)
            : GenerationRequest.Clones(new ClonePrompt(Prompting(generation), Template(generation)), clean, []);
        await BatchFile.WriteRequestsAsync(folder.Requests, plan.Select(request => request.Request), cancellationToken).ConfigureAwait(false);
        events.Report(new JobNote($"{plan.Count} requests for {clean.Count} seeds, {generation.Variants} each"));

        using AnswerStore store = AnswerStore.Open(folder.Answers);
        IChatClient? client = await ClientAsync(generation.Provider, plan, store, cancellationToken).ConfigureAwait(false);
        if (client is null)
        {
            events.Report(new JobNote($"The requests are in {folder.Requests}. Submit them as a batch job, put its output at {generation.Provider.Answers}, and run this again."));
            return new GenerateResult(new Funnel(plan.Count, 0, 0, 0, 0, 0), [], 0, Waiting: true);
        }

        using (client)
        {
            bool runTests = options.RunTests;
            TestRunner? runner = runTests ? new TestRunner(new TestRunnerOptions { AllowWithoutIsolation = options.AllowWithoutIsolation }) : null;
            if (!runTests)
            {
                events.Report(new JobNote("Tests are not run (no --run-tests): candidates cannot be validated and none is kept."));
            }

            try
            {
                using Ledger ledger = Ledger.Open(folder.Ledger);
                ledger.Forget(Run, FunnelStage.Parsed);
                Asker asker = new(client, store, new AskerOptions { Concurrency = generation.Provider.Concurrency });
                IAsyncEnumerable<AskedAnswer> answers = Watched(asker.AskAsync(plan.Select(request => request.Request), cancellationToken), plan.Count, asker, events);
                CandidateCheckOptions checks = new() { Run = Run };
                int selected = faults
                    ? await FaultsAsync(new FaultGeneration(checks, runner, heldOut, ledger), plan, answers, real, generation, embedder, workers, ledger, folder, cancellationToken).ConfigureAwait(false)
                    : await ClonesAsync(new CloneGeneration(checks, runner, heldOut, ledger), plan, answers, recipe, generation, embedder, workers, ledger, folder, cancellationToken).ConfigureAwait(false);
                Funnel funnel = ledger.Funnel(Run);
                GenerateResult result = new(funnel, ledger.Drops(Run), selected, Waiting: false);
                events.Report(new JobNote(funnel.ToString()));
                Models.ParameterFile.WriteText(folder.Funnel, JsonSerializer.Serialize(new FunnelDocument { Funnel = funnel, Drops = [.. result.Drops], Selected = selected }, FunnelJson.Default.FunnelDocument));
                return result;
            }
            finally
            {
                if (runner is not null)
                {
                    await runner.DisposeAsync().ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Reads the counts that the last run of the step left, or null.</summary>
    /// <param name="folder">The run's folder.</param>
    public static GenerateResult? LastResult(RunFolder folder)
    {
        if (!File.Exists(folder.Funnel))
        {
            return null;
        }

        FunnelDocument document = JsonSerializer.Deserialize(File.ReadAllText(folder.Funnel), FunnelJson.Default.FunnelDocument)!;
        return new GenerateResult(document.Funnel!, document.Drops, document.Selected, Waiting: false);
    }

    private static PromptOptions Prompting(GenerationRecipe generation) => new()
    {
        Model = generation.Provider.Model, Provider = "", Variants = generation.Variants,
        Temperature = (float)generation.Provider.Temperature, TopP = (float)generation.Provider.TopP, MaxTokens = generation.Provider.MaximumTokens,
    };

    private static PromptTemplate? Template(GenerationRecipe generation) => generation.Template is null ? null : PromptTemplate.Load(generation.Template);

    private static async Task<IReadOnlyList<GenerationRequest>> FaultPlanAsync(
        Recipe recipe, GenerationRecipe generation, RunFolder folder, List<SeedFunction> seeds, List<FaultExample> real, TaskModel embedder, Workers workers,
        IProgress<JobEvent> events, CancellationToken cancellationToken)
    {
        List<float[]> vectors = [.. CloneDetector.Embed(embedder, seeds.Select(seed => seed.Code).Concat(real.Select(row => row.FixedCode ?? row.Code)), workers)];
        List<EmbeddedFunction> queries = [.. seeds.Select((seed, i) => new EmbeddedFunction(seed.Id, seed.Code, vectors[i]))];
        List<EmbeddedFunction> pool = [.. real.Where(row => row.FixedCode is not null).Select((row, i) => new EmbeddedFunction(row.Id, row.FixedCode!, vectors[seeds.Count + i]))];
        string folderOfBase = recipe.Base is "random" or "builtin" ? BuiltinModel.Folder : recipe.Base;
        string hash = await DatasetHash.OfFileAsync(Path.Combine(folderOfBase, "model.safetensors"), cancellationToken).ConfigureAwait(false);
        Demonstrations chosen = Demonstrations.Choose(pool, queries, new DemonstrationOptions { Embedder = hash });
        Demonstrations used = chosen;
        if (generation.Demonstrations is { } path && File.Exists(path))
        {
            used = await Demonstrations.LoadAsync(path, cancellationToken).ConfigureAwait(false);
            int same = seeds.Count(seed => used.For(seed.Id).Order(StringComparer.Ordinal).SequenceEqual(chosen.For(seed.Id).Order(StringComparer.Ordinal)));
            events.Report(new JobNote(
                $"demonstrations from {Path.GetFileName(path)}; the base model would choose the same for {same} of {seeds.Count} seeds" + (used.Embedder == hash ? "" : " (the file was made with another base model)")));
        }

        await used.SaveAsync(folder.Demonstrations, cancellationToken).ConfigureAwait(false);
        return GenerationRequest.Faults(new FaultPrompt(Prompting(generation), Template(generation)), seeds, used, real);
    }

    /// <summary>The client that answers; null when a batch job's answers are not there yet.</summary>
    private static async Task<IChatClient?> ClientAsync(ProviderRecipe provider, IReadOnlyList<GenerationRequest> plan, AnswerStore store, CancellationToken cancellationToken)
    {
        switch (provider.Kind)
        {
            case "openai":
                return new OpenAiChatClient(new OpenAiChatOptions { BaseUrl = new Uri(provider.BaseUrl), Model = provider.Model, KeyVariable = provider.KeyVariable.Length == 0 ? null : provider.KeyVariable });
            case "batch" when provider.Answers is null || !File.Exists(provider.Answers):
                return null;
            default:
                string answers = provider.Answers ?? throw new RecipeException("generate.provider.answers is not set; a recording needs a file of answers.");
                if (provider.AnswersHash is { } expected)
                {
                    string found = await DatasetHash.OfFileAsync(answers, cancellationToken).ConfigureAwait(false);
                    if (found != expected)
                    {
                        throw new RecipeException($"{answers} has SHA-256 {found}; the recipe pins {expected}. Generated code from an unknown recording is not run.");
                    }
                }

                if (provider.Kind == "batch")
                {
                    await BatchFile.ImportAsync(plan.Select(request => request.Request).ToList(), answers, store, cancellationToken).ConfigureAwait(false);
                }

                string requests = provider.Requests ?? throw new RecipeException("generate.provider.requests is not set; a recording is matched by the requests that it answers.");
                return await ReplayClient.LoadAsync(requests, answers, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async IAsyncEnumerable<AskedAnswer> Watched(IAsyncEnumerable<AskedAnswer> answers, int total, Asker asker, IProgress<JobEvent> events)
    {
        int done = 0;
        await foreach (AskedAnswer answer in answers.ConfigureAwait(false))
        {
            done++;
            AskerCounts counts = asker.Counts;
            events.Report(new JobProgress("answers and checks", done, total, $"{counts.Hits} stored, {counts.Asked} asked, {counts.Failed} failed"));
            yield return answer;
        }
    }

    private static async Task<int> FaultsAsync(
        FaultGeneration generator, IReadOnlyList<GenerationRequest> plan, IAsyncEnumerable<AskedAnswer> answers, List<FaultExample> real, GenerationRecipe generation,
        TaskModel embedder, Workers workers, Ledger ledger, RunFolder folder, CancellationToken cancellationToken)
    {
        Dictionary<string, (Candidate Candidate, FaultExample Row)> kept = [];
        await foreach (CheckedFault fault in generator.CheckAsync(plan, answers, cancellationToken).ConfigureAwait(false))
        {
            if (fault.Example is { } row)
            {
                kept.Add(row.Id, (fault.Candidate, row));
            }
        }

        List<FaultExample> rows = [.. kept.Values.Select(item => item.Row)];
        ClosenessMeasures[] measures = Measures(rows.Concat(real).ToList(), row => (row.Code, row.FixedCode ?? row.Code), Closeness.OfFault, embedder, workers);
        HashSet<string> selected = Select(rows.Select((row, i) => (row.Id, measures[i])), Closeness.Average(measures.Skip(rows.Count)), generation.Select);
        RecordSelection(ledger, kept.Select(item => (item.Key, item.Value.Candidate)), selected);
        await FaultDataset.WriteAsync(folder.Generated, rows.Where(row => selected.Contains(row.Id)), cancellationToken).ConfigureAwait(false);
        return selected.Count;
    }

    private static async Task<int> ClonesAsync(
        CloneGeneration generator, IReadOnlyList<GenerationRequest> plan, IAsyncEnumerable<AskedAnswer> answers, Recipe recipe, GenerationRecipe generation,
        TaskModel embedder, Workers workers, Ledger ledger, RunFolder folder, CancellationToken cancellationToken)
    {
        List<GeneratedImplementation> implementations = [];
        List<(string Id, Candidate Candidate)> candidates = [];
        await foreach (CheckedClone clone in generator.CheckAsync(plan, answers, cancellationToken).ConfigureAwait(false))
        {
            if (clone.Implementation is { } implementation)
            {
                implementations.Add(implementation);
                if (implementation.Passes)
                {
                    candidates.Add((implementation.Id, clone.Candidate));
                }
            }
        }

        List<ClonePair> pairs = [.. ClonePairs.Make(implementations, new ClonePairOptions { NearMissesAsNegatives = generation.NearMisses > 0 })];
        List<ClonePair> real = await RealAsync<ClonePair>(recipe, generation, CloneDataset.ReadAllAsync, cancellationToken).ConfigureAwait(false);

        // Clones and non-clones are selected apart, each by closeness to the real rows with the same label, so that the classes stay balanced.
        ClosenessMeasures[] measures = Measures(pairs.Concat(real).ToList(), row => (row.CodeA, row.CodeB), Closeness.OfPair, embedder, workers);
        HashSet<string> selected = [];
        foreach (int label in (ReadOnlySpan<int>)[1, 0])
        {
            IEnumerable<ClosenessMeasures> like = real.Select((row, i) => (row, i)).Where(item => item.row.Label == label).Select(item => measures[pairs.Count + item.i]);
            selected.UnionWith(Select(pairs.Select((row, i) => (row, i)).Where(item => item.row.Label == label).Select(item => (item.row.Id, measures[item.i])), Closeness.Average(like), (generation.Select + 1) / 2));
        }

        RecordSelection(ledger, candidates, [.. candidates.Select(item => item.Id)]);
        await CloneDataset.WriteAsync(folder.Generated, pairs.Where(pair => selected.Contains(pair.Id)), cancellationToken).ConfigureAwait(false);
        return selected.Count;
    }

    private static HashSet<string> Select(IEnumerable<(string Id, ClosenessMeasures Measures)> rows, ClosenessMeasures average, int count)
    {
        List<(string Id, ClosenessMeasures Measures)> all = [.. rows];
        return count <= 0 || count >= all.Count ? [.. all.Select(row => row.Id)] : [.. Closeness.Select(all, average, count).Select(score => score.Id)];
    }

    private static void RecordSelection(Ledger ledger, IEnumerable<(string Id, Candidate Candidate)> rows, HashSet<string> selected) =>
        ledger.Record(rows.Select(row => selected.Contains(row.Id)
            ? Verdict.Keep(row.Candidate, "closeness", FunnelStage.Selected)
            : Verdict.Drop(row.Candidate, "closeness", FunnelStage.Selected, "farther from the real training set than those selected")));

    private static ClosenessMeasures[] Measures<TRow>(
        IReadOnlyList<TRow> rows, Func<TRow, (string A, string B)> texts, Func<TRow, double, ClosenessMeasures> measure, TaskModel embedder, Workers workers)
    {
        List<float[]> vectors = [.. CloneDetector.Embed(embedder, rows.SelectMany(row => new[] { texts(row).A, texts(row).B }), workers)];
        return [.. rows.Select((row, i) => measure(row, Closeness.Cosine(vectors[2 * i], vectors[(2 * i) + 1])))];
    }

    private static async Task<List<TRow>> RealAsync<TRow>(Recipe recipe, GenerationRecipe generation, Func<string, CancellationToken, Task<List<TRow>>> read, CancellationToken cancellationToken)
    {
        if (!recipe.Data.TryGetValue(generation.DemonstrationData, out List<DataPart>? parts))
        {
            throw new RecipeException($"generate.demonstration_data is \"{generation.DemonstrationData}\"; data has {string.Join(", ", recipe.Data.Keys)}.");
        }

        List<TRow> rows = [];
        foreach (DataPart part in parts)
        {
            rows.AddRange(await read(part.File, cancellationToken).ConfigureAwait(false));
        }

        return rows;
    }

    private static async Task<Decontamination> HeldOutAsync(Recipe recipe, CancellationToken cancellationToken)
    {
        List<CodeItem> items = [];
        foreach (string file in recipe.Valid.Concat(recipe.Test.Values))
        {
            if (recipe.Task == "clone-detection")
            {
                items.AddRange((await CloneDataset.ReadAllAsync(file, cancellationToken).ConfigureAwait(false)).SelectMany(CodeItem.Of));
            }
            else
            {
                items.AddRange((await FaultDataset.ReadAllAsync(file, cancellationToken).ConfigureAwait(false)).SelectMany(CodeItem.Of));
            }
        }

        return new Decontamination(items);
    }
}

/// <summary>The step's counts as they lie on disk.</summary>
internal sealed record FunnelDocument
{
    public int FormatVersion { get; set; } = 1;

    public Funnel? Funnel { get; set; }

    public List<DropCount> Drops { get; set; } = [];

    public int Selected { get; set; }
}

[System.Text.Json.Serialization.JsonSourceGenerationOptions(WriteIndented = true, UseStringEnumConverter = true)]
[System.Text.Json.Serialization.JsonSerializable(typeof(FunnelDocument))]
internal sealed partial class FunnelJson : System.Text.Json.Serialization.JsonSerializerContext;
