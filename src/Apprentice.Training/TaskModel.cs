using Apprentice.Compute;
using Apprentice.Models;
using Apprentice.Tokenizers;

namespace Apprentice.Training;

/// <summary>Base model, heads, tokenizer and task settings in one folder: what training makes and scanning uses.</summary>
public sealed class TaskModel : IDisposable
{
    private TaskModel(RobertaConfig config, ITokenizer tokenizer, TaskSettings settings, bool withLanguageHead)
    {
        if (tokenizer.VocabularySize > config.VocabularySize)
        {
            throw new TrainingException(
                $"The tokenizer has {tokenizer.VocabularySize} tokens; config.json has vocab_size {config.VocabularySize}. Is one of them from another checkpoint?");
        }

        Tokenizer = tokenizer;
        Settings = settings;
        Parameters = new ParameterSet();
        Encoder = new RobertaEncoder(config, Parameters);
        LanguageHead = withLanguageHead ? new MaskedLanguageHead(Encoder, Parameters) : null;
        LineHead = settings.Task is "clone-detection" ? null : new LineHead(config, Parameters);
        PairHead = settings.Task is "clone-detection" && settings.CloneHead == "pair"
            ? new ClassificationHead(Parameters, 2 * config.HiddenSize, config.HiddenSize, 2, config.HiddenDropout)
            : null;
        Parameters.Build();
    }

    /// <summary>All parameters, encoder first.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>The encoder.</summary>
    public RobertaEncoder Encoder { get; }

    /// <summary>The tokenizer.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>Task, head and threshold.</summary>
    public TaskSettings Settings { get; set; }

    /// <summary>Scores lines; null for a clone model.</summary>
    public LineHead? LineHead { get; }

    /// <summary>Scores pairs; null unless the clone head is a pair head.</summary>
    public ClassificationHead? PairHead { get; }

    /// <summary>Predicts masked tokens; only in a base model while it is pre-trained.</summary>
    public MaskedLanguageHead? LanguageHead { get; }

    /// <summary>Longest window in tokens, special tokens included.</summary>
    public int MaximumLength => Settings.MaximumLength > 0 ? Math.Min(Settings.MaximumLength, Encoder.Config.MaximumLength) : Encoder.Config.MaximumLength;

    /// <summary>A new model with drawn weights.</summary>
    /// <param name="config">Architecture.</param>
    /// <param name="tokenizer">Tokenizer.</param>
    /// <param name="settings">Task and head.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <param name="withLanguageHead">Whether to add a masked-language head. Default no.</param>
    public static TaskModel CreateRandom(RobertaConfig config, ITokenizer tokenizer, TaskSettings settings, int seed, bool withLanguageHead = false)
    {
        TaskModel model = new(config, tokenizer, settings, withLanguageHead);
        RobertaEncoder.Initialise(config, model.Parameters, new SeededRandom(Trainer.Mix(seed, 0x1417, 0)));
        return model;
    }

    /// <summary>A model that starts from a base model's weights; a head that the base does not have gets drawn weights.</summary>
    /// <param name="folder">Folder of the base: config.json, model.safetensors, tokenizer files.</param>
    /// <param name="settings">Task and head.</param>
    /// <param name="seed">Seed of drawn weights.</param>
    /// <exception cref="CheckpointException">The folder does not hold a model that fits.</exception>
    public static TaskModel Create(string folder, TaskSettings settings, int seed)
    {
        RobertaConfig config = RobertaConfig.Load(Path.Combine(folder, "config.json"));
        TaskModel model = CreateRandom(config, ByteLevelBpe.Load(folder), settings, seed);
        ParameterFile.Load(folder, model.Parameters, isOptional: name => !name.StartsWith("roberta.", StringComparison.Ordinal));
        return model;
    }

    /// <summary>Loads a saved model as it is.</summary>
    /// <param name="folder">Model folder.</param>
    /// <exception cref="CheckpointException">A tensor is absent or has another shape.</exception>
    public static TaskModel Load(string folder)
    {
        RobertaConfig config = RobertaConfig.Load(Path.Combine(folder, "config.json"));
        TaskModel model = new(config, ByteLevelBpe.Load(folder), TaskSettings.Load(folder), withLanguageHead: false);
        ParameterFile.Load(folder, model.Parameters, isOptional: _ => false);
        return model;
    }

    /// <summary>Writes the folder in Hugging Face layout: config.json, model.safetensors, tokenizer files, and apprentice.json.</summary>
    /// <param name="folder">Made when absent. Files in it are replaced one by one, each as a whole, the weights last.</param>
    /// <param name="halfPrecision">Whether weights are stored as float16. Default no: what was trained is what is loaded.</param>
    public void Save(string folder, bool halfPrecision = false)
    {
        Directory.CreateDirectory(folder);
        ((ByteLevelBpe)Tokenizer).Save(folder);
        ParameterFile.WriteText(Path.Combine(folder, "config.json"), Encoder.Config.ToJson());
        ParameterFile.WriteText(Path.Combine(folder, TaskSettings.FileName), Settings.ToJson());
        ParameterFile.Save(folder, Parameters, halfPrecision ? TensorType.F16 : TensorType.F32);
    }

    /// <summary>Trains only what lies above the given number of encoder layers; a frozen part costs no backward pass.</summary>
    /// <param name="layers">Lower layers that keep their values, with the embeddings; 0 to train everything.</param>
    /// <exception cref="TrainingException">The encoder has fewer layers.</exception>
    public void FreezeLayers(int layers)
    {
        if (layers < 0 || layers > Encoder.Config.HiddenLayers)
        {
            throw new TrainingException($"frozen_layers is {layers}; this encoder has {Encoder.Config.HiddenLayers} layers.");
        }

        Parameters.Freeze(parameter => layers == 0 || !(parameter.Name.StartsWith("roberta.embeddings.", StringComparison.Ordinal)
            || Enumerable.Range(0, layers).Any(layer => parameter.Name.StartsWith($"roberta.encoder.layer.{layer}.", StringComparison.Ordinal))));
    }

    /// <inheritdoc/>
    public void Dispose() => Parameters.Dispose();
}
