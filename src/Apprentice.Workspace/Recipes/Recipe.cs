using Apprentice.Training;

namespace Apprentice.Workspace;

/// <summary>One experiment in a file: data, how examples are generated, the arms that are trained, and what is evaluated. The steps <c>generate</c>, <c>train</c> and <c>evaluate</c> read the same file.</summary>
/// <remarks>Format: YAML with snake_case keys; every key is documented in docs/recipes.md. Paths are relative to the recipe's folder; <c>${NAME}</c> is replaced by an environment variable.</remarks>
public sealed record Recipe
{
    /// <summary>Name of the run; its folder is runs/NAME unless --out says otherwise.</summary>
    public string Name { get; init; } = "";

    /// <summary>One sentence for the report's head.</summary>
    public string Description { get; init; } = "";

    /// <summary><c>fault-localization</c>, <c>vulnerability-localization</c> or <c>clone-detection</c>.</summary>
    public string Task { get; init; } = "fault-localization";

    /// <summary>Model folder that training starts from, <c>builtin</c>, or <c>random</c> for the built-in architecture with drawn weights. Default builtin.</summary>
    public string Base { get; init; } = "builtin";

    /// <summary>How clones are compared: <c>siamese</c> or <c>pair</c>. Default siamese.</summary>
    public string CloneHead { get; init; } = "siamese";

    /// <summary>Named data sets for training. An arm names them; the name <c>generated</c> stands for the output of the generate step.</summary>
    public Dictionary<string, List<DataPart>> Data { get; init; } = [];

    /// <summary>Data sets that choices are made on: thresholds and the best step. Files.</summary>
    public List<string> Valid { get; init; } = [];

    /// <summary>Held-out data sets by name. Nothing is chosen by looking at them.</summary>
    public Dictionary<string, string> Test { get; init; } = [];

    /// <summary>How examples are generated; null when the recipe generates nothing.</summary>
    public GenerationRecipe? Generate { get; init; }

    /// <summary>Ways to train, compared with one another.</summary>
    public List<ArmRecipe> Arms { get; init; } = [];

    /// <summary>Seeds that every arm is trained with. Default 1, 2, 3.</summary>
    public List<int> Seeds { get; init; } = [1, 2, 3];

    /// <summary>Settings of every stage that does not set its own.</summary>
    public TrainingRecipe Training { get; init; } = new();

    /// <summary>Pairs of arms that get a paired test, as [later, earlier].</summary>
    public List<List<string>> Compare { get; init; } = [];
}

/// <summary>A file, or a part of it, as training data.</summary>
public sealed record DataPart
{
    /// <summary>File in the schema of docs/formats.md.</summary>
    public string File { get; init; } = "";

    /// <summary>Rows to take, stratified by language; 0 for all. Smaller counts are contained in larger ones.</summary>
    public int Count { get; init; }
}

/// <summary>Settings of one training stage; an absent one is taken from the recipe's <c>training</c>, else from <see cref="TrainerOptions"/>.</summary>
public sealed record TrainingRecipe
{
    /// <summary>Optimiser steps.</summary>
    public int? Steps { get; init; }

    /// <summary>Items a step.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Peak learning rate.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Share of steps for warm-up.</summary>
    public double? WarmupShare { get; init; }

    /// <summary>Weight decay.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>Steps between looks at the validation split; the best step is kept. 0 for none.</summary>
    public int? ValidateEvery { get; init; }

    /// <summary>For every faulty training function, how many times its fixed text is added as a clean one; a fraction takes that share. Default 0.</summary>
    public double? CleanShare { get; init; }

    /// <summary>Longest window in tokens; 0 for all that the encoder allows.</summary>
    public int? MaximumLength { get; init; }

    /// <summary>Lower layers that are not trained; from 1 on, the embeddings are not either. They cost no backward pass. Default 0.</summary>
    public int? FrozenLayers { get; init; }

    /// <summary>These settings where they are set, else the other's.</summary>
    /// <param name="fallback">The recipe's settings.</param>
    public TrainingRecipe Or(TrainingRecipe fallback) => new()
    {
        Steps = Steps ?? fallback.Steps, BatchSize = BatchSize ?? fallback.BatchSize, LearningRate = LearningRate ?? fallback.LearningRate,
        WarmupShare = WarmupShare ?? fallback.WarmupShare, WeightDecay = WeightDecay ?? fallback.WeightDecay, ValidateEvery = ValidateEvery ?? fallback.ValidateEvery,
        CleanShare = CleanShare ?? fallback.CleanShare, MaximumLength = MaximumLength ?? fallback.MaximumLength,
        FrozenLayers = FrozenLayers ?? fallback.FrozenLayers,
    };

    /// <summary>The options of the trainer.</summary>
    /// <param name="seed">Seed of the cell.</param>
    public TrainerOptions ToOptions(int seed)
    {
        TrainerOptions defaults = new();
        return defaults with
        {
            Steps = Steps ?? defaults.Steps, BatchSize = BatchSize ?? defaults.BatchSize, LearningRate = LearningRate ?? defaults.LearningRate,
            WarmupShare = WarmupShare ?? defaults.WarmupShare, WeightDecay = WeightDecay ?? defaults.WeightDecay, ValidateEvery = ValidateEvery ?? 0, Seed = seed,
        };
    }
}

/// <summary>One way to train.</summary>
public sealed record ArmRecipe
{
    /// <summary>Name in tables and file names.</summary>
    public string Name { get; init; } = "";

    /// <summary>What the report says about it.</summary>
    public string Description { get; init; } = "";

    /// <summary>Stages, one after the other; each starts from the parameters of the one before.</summary>
    public List<StageRecipe> Stages { get; init; } = [];
}

/// <summary>One stage of an arm: data sets mixed, trained for a stated number of steps.</summary>
public sealed record StageRecipe
{
    /// <summary>Names of data sets.</summary>
    public List<string> Data { get; init; } = [];

    /// <summary>Names among them whose labels are shuffled: a control that must lose the gain.</summary>
    public List<string> ShuffleLabels { get; init; } = [];

    /// <summary>Settings that differ from the recipe's.</summary>
    public TrainingRecipe Training { get; init; } = new();
}

/// <summary>How examples are generated.</summary>
public sealed record GenerationRecipe
{
    /// <summary><c>fault-two-shot</c> or <c>clone-from-specification</c>.</summary>
    public string Strategy { get; init; } = "fault-two-shot";

    /// <summary>Seed functions or specifications: JSON Lines of samples/README.md.</summary>
    public string Seeds { get; init; } = "";

    /// <summary>Name of the data set that demonstrations are chosen from. Default real.</summary>
    public string DemonstrationData { get; init; } = "real";

    /// <summary>File with the choice of demonstrations; without it they are chosen with the base model. With it, prompts are a function of files alone.</summary>
    public string? Demonstrations { get; init; }

    /// <summary>Answers asked for per seed. Default 4.</summary>
    public int Variants { get; init; } = 4;

    /// <summary>Prompt template to use instead of the built-in one.</summary>
    public string? Template { get; init; }

    /// <summary>Who answers.</summary>
    public ProviderRecipe Provider { get; init; } = new();

    /// <summary>Examples to keep, those closest to the real data; 0 for all.</summary>
    public int Select { get; init; }

    /// <summary>Above 0, implementations that fail a test are paired with their specification's own as non-clones; 0 leaves them out. Default 0.25.</summary>
    public double NearMisses { get; init; } = 0.25;
}

/// <summary>Who answers the prompts.</summary>
public sealed record ProviderRecipe
{
    /// <summary><c>openai</c> (any OpenAI-compatible endpoint), <c>batch</c> (files for an OpenAI batch job) or <c>replay</c> (a recording).</summary>
    public string Kind { get; init; } = "openai";

    /// <summary>Base URL of the endpoint, for example http://127.0.0.1:11434/v1.</summary>
    public string BaseUrl { get; init; } = "https://api.openai.com/v1";

    /// <summary>Model name as the provider knows it.</summary>
    public string Model { get; init; } = "";

    /// <summary>Name of the environment variable that holds the key. Default OPENAI_API_KEY.</summary>
    public string KeyVariable { get; init; } = "OPENAI_API_KEY";

    /// <summary>Sampling temperature. Default 1, as in the sibling study.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Nucleus sampling. Default 0.95.</summary>
    public double TopP { get; init; } = 0.95;

    /// <summary>Most tokens of an answer. Default 2000.</summary>
    public int MaximumTokens { get; init; } = 2000;

    /// <summary>Requests under way at once. Default 4.</summary>
    public int Concurrency { get; init; } = 4;

    /// <summary>Recording to replay: file of requests in OpenAI batch format.</summary>
    public string? Requests { get; init; }

    /// <summary>Recording to replay, or finished batch to read: file of answers in OpenAI batch output format.</summary>
    public string? Answers { get; init; }

    /// <summary>SHA-256 of the recording's answers; a recording that differs is refused when this is set.</summary>
    public string? AnswersHash { get; init; }
}
