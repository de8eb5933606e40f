using System.Globalization;
using System.Text;
using Apprentice.Code;
using Apprentice.Compute;
using Apprentice.Data;
using Apprentice.Models;
using Apprentice.Tokenizers;
using Apprentice.Training;

namespace Apprentice.Workspace;

/// <summary>What a pre-training recipe says: the corpus, the architecture and the training.</summary>
/// <remarks>Format: YAML with snake_case keys; see docs/pretrain.md.</remarks>
public sealed record PretrainingRecipe
{
    /// <summary>Name of the model.</summary>
    public string Name { get; init; } = "base";

    /// <summary>Corpus files, or one pattern such as <c>corpus.*.jsonl.xz</c>, in the folder that --data names.</summary>
    public List<string> Corpus { get; init; } = ["corpus.*.jsonl.xz"];

    /// <summary>SHA-256 of corpus files by name; a file that differs is refused. Files that are not listed are not checked.</summary>
    public Dictionary<string, string> Hashes { get; init; } = [];

    /// <summary>Tokens of the vocabulary.</summary>
    public int VocabularySize { get; init; } = 8192;

    /// <summary>Layers.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Hidden size.</summary>
    public int HiddenSize { get; init; } = 256;

    /// <summary>Attention heads.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Width of feed-forward layers.</summary>
    public int IntermediateSize { get; init; } = 1024;

    /// <summary>Longest window in training, in tokens.</summary>
    public int TrainingLength { get; init; } = 320;

    /// <summary>Share of the functions used for masked tokens.</summary>
    public double MaskedShare { get; init; } = 0.4;

    /// <summary>Share of the functions used for the pointer to rule-made faults.</summary>
    public double PointerShare { get; init; } = 0.4;

    /// <summary>Dropout.</summary>
    public float Dropout { get; init; } = 0.1f;

    /// <summary>Weight of the contrastive loss.</summary>
    public double ContrastWeight { get; init; } = 0.5;

    /// <summary>Steps, batch size, learning rate.</summary>
    public TrainingRecipe Training { get; init; } = new();

    /// <summary>Seed.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The options that training takes.</summary>
    public PretrainingOptions ToOptions()
    {
        PretrainingOptions defaults = new();
        TrainerOptions trainer = defaults.Trainer;
        return defaults with
        {
            VocabularySize = VocabularySize, Layers = Layers, HiddenSize = HiddenSize, Heads = Heads, IntermediateSize = IntermediateSize, TrainingLength = TrainingLength,
            MaskedShare = MaskedShare, PointerShare = PointerShare, Dropout = Dropout, ContrastWeight = ContrastWeight,
            Trainer = trainer with
            {
                Steps = Training.Steps ?? trainer.Steps, BatchSize = Training.BatchSize ?? trainer.BatchSize, LearningRate = Training.LearningRate ?? trainer.LearningRate,
                WarmupShare = Training.WarmupShare ?? trainer.WarmupShare, WeightDecay = Training.WeightDecay ?? trainer.WeightDecay, Seed = Seed,
            },
        };
    }
}

/// <summary>Corpus → functions → tokenizer → base model; every step is a file in the output folder and is not done twice.</summary>
public static class Pretraining
{
    /// <summary>Runs or continues a pre-training.</summary>
    /// <param name="recipe">What to train.</param>
    /// <param name="dataFolder">Folder with the corpus files.</param>
    /// <param name="outputFolder">Folder for intermediate files and, in <c>model</c>, the result.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="events">Told about progress.</param>
    /// <param name="cancellationToken">Stops after a checkpoint; the same call continues.</param>
    /// <exception cref="RecipeException">A corpus file is absent or differs from the recipe's hash.</exception>
    public static async Task RunAsync(
        PretrainingRecipe recipe, string dataFolder, string outputFolder, Workers workers, IProgress<JobEvent> events, CancellationToken cancellationToken)
    {
        PretrainingOptions options = recipe.ToOptions();
        Directory.CreateDirectory(outputFolder);
        string functionsPath = Path.Combine(outputFolder, "functions.jsonl.gz");
        if (!File.Exists(functionsPath))
        {
            events.Report(new JobStarted("Find the functions of the corpus"));
            string[] shards = await ShardsAsync(recipe, dataFolder, cancellationToken).ConfigureAwait(false);
            await FunctionCorpus.BuildAsync(
                shards, functionsPath, new Relay<(int Files, int Functions)>(p => events.Report(new JobProgress("functions", p.Files, 0, $"{p.Functions:n0} functions"))), cancellationToken).ConfigureAwait(false);
        }

        IReadOnlyList<(string Code, Language Language)> functions = await FunctionCorpus.ReadAsync(functionsPath, cancellationToken).ConfigureAwait(false);
        events.Report(new JobNote($"{functions.Count:n0} functions, {functions.Sum(f => (long)f.Code.Length) / 1e6:f0} million characters"));
        string tokenizerFolder = Path.Combine(outputFolder, "tokenizer");
        if (!File.Exists(Path.Combine(tokenizerFolder, "tokenizer.json")))
        {
            events.Report(new JobStarted("Train the tokenizer"));
            ByteLevelBpe trained = BpeTrainer.Train(
                Sample(functions, options.TokenizerBytes), new BpeTrainerOptions { VocabularySize = options.VocabularySize },
                new Relay<BpeTrainingProgress>(p => events.Report(new JobProgress("tokenizer", p.Tokens, p.Target, p.ToString()))), cancellationToken);
            Directory.CreateDirectory(tokenizerFolder);
            trained.Save(tokenizerFolder);
        }

        ByteLevelBpe tokenizer = ByteLevelBpe.Load(tokenizerFolder);
        RobertaConfig config = new()
        {
            VocabularySize = tokenizer.VocabularySize, HiddenSize = options.HiddenSize, HiddenLayers = options.Layers, AttentionHeads = options.Heads,
            IntermediateSize = options.IntermediateSize, MaximumPositionEmbeddings = options.MaximumLength + 2, HiddenDropout = options.Dropout, AttentionDropout = options.Dropout,
            PadTokenId = tokenizer.PadId, BeginTokenId = tokenizer.StartId, EndTokenId = tokenizer.EndId,
        };
        using TaskModel model = TaskModel.CreateRandom(config, tokenizer, new TaskSettings(), options.Trainer.Seed, withLanguageHead: true);
        PretrainingTask task = new(model, functions, options);
        Trainer trainer = new(model.Parameters, task, options.Trainer, workers);
        events.Report(new JobStarted($"Pre-train {model.Parameters.Count / 1e6:f1} million parameters for {options.Trainer.Steps:n0} steps"));
        LearningCurve curve = LearningCurve.Open(Path.Combine(outputFolder, "losses.csv"));
        double tokens = 0;
        double seconds = 0;
        foreach (TrainingStep step in trainer.Train(null, Path.Combine(outputFolder, "checkpoint.safetensors"), cancellationToken))
        {
            tokens += step.Tokens;
            seconds += step.Seconds;
            (double masked, double pointer, double contrast) = task.LastLosses;
            curve.Add(step.Step, masked, pointer, contrast, step.Tokens);
            double left = seconds / Math.Max(1, curve.StepsThisRun) * (step.Steps - step.Step);
            events.Report(new JobProgress(
                "pre-training", step.Step, step.Steps,
                $"masked {masked:f2}, pointer {pointer:f2}, contrast {contrast:f2}, {tokens / seconds:n0} tokens/s, {TimeSpan.FromSeconds(left):h\\:mm\\:ss} left"));
        }

        curve.Draw(Path.Combine(outputFolder, "losses.svg"));
        model.Save(Path.Combine(outputFolder, "model"), halfPrecision: true);
        events.Report(new JobNote($"The model is in {Path.Combine(outputFolder, "model")}"));
    }

    private static async Task<string[]> ShardsAsync(PretrainingRecipe recipe, string dataFolder, CancellationToken cancellationToken)
    {
        string[] shards = Directory.Exists(dataFolder)
            ? [.. recipe.Corpus.SelectMany(pattern => Directory.GetFiles(dataFolder, pattern)).Distinct().Order(StringComparer.Ordinal)]
            : throw new RecipeException($"The data folder {dataFolder} does not exist; give the folder of the corpus files with --data.");
        if (shards.Length == 0)
        {
            throw new RecipeException($"No file in {dataFolder} matches {string.Join(", ", recipe.Corpus)}; corpus files have rows with repo, path, license, language and text.");
        }

        foreach (string shard in shards)
        {
            if (recipe.Hashes.TryGetValue(Path.GetFileName(shard), out string? expected))
            {
                string found = await DatasetHash.OfFileAsync(shard, cancellationToken).ConfigureAwait(false);
                if (found != expected)
                {
                    throw new RecipeException($"{shard} has SHA-256 {found}; the recipe was made with {expected}. Take the hash out of the recipe to train on the new file.");
                }
            }
        }

        return shards;
    }

    private static IEnumerable<string> Sample(IReadOnlyList<(string Code, Language Language)> functions, long bytes)
    {
        long total = functions.Sum(f => (long)f.Code.Length);
        int stride = (int)Math.Max(1, total / Math.Max(1, bytes));
        for (int i = 0; i < functions.Count; i += stride)
        {
            yield return functions[i].Code;
        }
    }

    private sealed class Relay<T>(Action<T> action) : IProgress<T>
    {
        public void Report(T value) => action(value);
    }
}

/// <summary>Losses of a pre-training, kept as a table and drawn as a picture.</summary>
internal sealed class LearningCurve
{
    private readonly string _path;
    private readonly List<(int Step, double Masked, double Pointer, double Contrast, double Tokens)> _rows = [];
    private int _first = -1;

    private LearningCurve(string path) => _path = path;

    /// <summary>Steps that this process has taken.</summary>
    public int StepsThisRun { get; private set; }

    public static LearningCurve Open(string path)
    {
        LearningCurve curve = new(path);
        if (File.Exists(path))
        {
            foreach (string line in File.ReadLines(path).Skip(1))
            {
                string[] cells = line.Split(',');
                if (cells.Length == 5 && double.TryParse(cells[4], CultureInfo.InvariantCulture, out double tokens))
                {
                    curve._rows.Add((int.Parse(cells[0], CultureInfo.InvariantCulture), Number(cells[1]), Number(cells[2]), Number(cells[3]), tokens));
                }
            }
        }

        return curve;

        static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
    }

    public void Add(int step, double masked, double pointer, double contrast, double tokens)
    {
        StepsThisRun++;
        if (_first < 0)
        {
            // A run that was killed repeats the steps since its last checkpoint.
            _rows.RemoveAll(row => row.Step >= step);
            _first = step;
        }

        _rows.Add((step, masked, pointer, contrast, tokens));
        if (StepsThisRun % 50 == 0)
        {
            Write();
        }
    }

    /// <summary>Draws the three losses over steps, each the mean of 1 % of the run.</summary>
    public void Draw(string path)
    {
        Write();
        const int Width = 720;
        const int Height = 320;
        (string Name, string Colour, Func<(int Step, double Masked, double Pointer, double Contrast, double Tokens), double> Value)[] lines =
        [
            ("masked tokens", "#1f6feb", row => row.Masked), ("pointer", "#d1242f", row => row.Pointer), ("contrast", "#1a7f37", row => row.Contrast),
        ];
        int window = Math.Max(1, _rows.Count / 100);
        double top = 1;
        List<(string Name, string Colour, List<(double Step, double Value)> Points)> curves = [];
        foreach ((string name, string colour, var value) in lines)
        {
            List<(double, double)> points = [];
            for (int i = 0; i < _rows.Count; i += window)
            {
                double[] values = [.. _rows.Skip(i).Take(window).Select(value).Where(double.IsFinite)];
                if (values.Length > 0)
                {
                    points.Add((_rows[Math.Min(i + (window / 2), _rows.Count - 1)].Step, values.Average()));
                    top = Math.Max(top, values.Average());
                }
            }

            curves.Add((name, colour, points));
        }

        double steps = Math.Max(1, _rows.Count == 0 ? 1 : _rows[^1].Step);
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" font-family=\"sans-serif\" font-size=\"12\"><title>Losses over {steps} steps</title><rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/>");
        for (int tick = 0; tick <= (int)top; tick++)
        {
            double y = Height - 30 - (tick / top * (Height - 50));
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"40\" x2=\"{Width - 120}\" y1=\"{y:f1}\" y2=\"{y:f1}\" stroke=\"#ddd\"/><text x=\"34\" y=\"{y + 4:f1}\" text-anchor=\"end\">{tick}</text>");
        }

        for (int c = 0; c < curves.Count; c++)
        {
            string points = string.Join(' ', curves[c].Points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{40 + (p.Step / steps * (Width - 160)):f1},{Height - 30 - (p.Value / top * (Height - 50)):f1}")));
            double last = curves[c].Points.Count == 0 ? double.NaN : curves[c].Points[^1].Value;
            svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{curves[c].Colour}\" stroke-width=\"1.5\" points=\"{points}\"/><text x=\"{Width - 112}\" y=\"{30 + (c * 18)}\" fill=\"{curves[c].Colour}\">{curves[c].Name} {last:f2}</text>");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"40\" y=\"{Height - 10}\">0</text><text x=\"{Width - 120}\" y=\"{Height - 10}\" text-anchor=\"end\">{steps} steps</text></svg>");
        ParameterFile.WriteText(path, svg.ToString());
    }

    private void Write()
    {
        StringBuilder text = new("step,masked,pointer,contrast,tokens\n");
        foreach ((int step, double masked, double pointer, double contrast, double tokens) in _rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{step},{masked:f4},{pointer:f4},{contrast:f4},{tokens}\n");
        }

        ParameterFile.WriteText(_path, text.ToString());
    }
}
