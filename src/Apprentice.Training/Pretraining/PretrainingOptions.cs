namespace Apprentice.Training;

/// <summary>What a base model is and how it is pre-trained.</summary>
public sealed record PretrainingOptions
{
    /// <summary>Tokens of the vocabulary, special tokens included. Default 8192.</summary>
    public int VocabularySize { get; init; } = 8192;

    /// <summary>Layers. Default 4.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Hidden size. Default 256.</summary>
    public int HiddenSize { get; init; } = 256;

    /// <summary>Attention heads. Default 4.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Width of the feed-forward layers. Default 1024.</summary>
    public int IntermediateSize { get; init; } = 1024;

    /// <summary>Longest sequence the model can take, in tokens. Default 512.</summary>
    public int MaximumLength { get; init; } = 512;

    /// <summary>Longest function seen in pre-training, in tokens; longer ones are seen in windows of this size. Default 320.</summary>
    public int TrainingLength { get; init; } = 320;

    /// <summary>Dropout. Default 0.1.</summary>
    public float Dropout { get; init; } = 0.1f;

    /// <summary>Share of the functions of a batch that are used for masked tokens. Default 0.4.</summary>
    public double MaskedShare { get; init; } = 0.4;

    /// <summary>Share of the functions of a batch that are used for the pointer to a rule-made fault; half of them stay unchanged. Default 0.4. The rest is used for the contrast of two views.</summary>
    public double PointerShare { get; init; } = 0.4;

    /// <summary>Share of tokens that are masked. Default 0.15, as in RoBERTa.</summary>
    public double MaskedTokens { get; init; } = 0.15;

    /// <summary>Weight of the contrastive loss; the other two have weight 1. Default 0.5.</summary>
    public double ContrastWeight { get; init; } = 0.5;

    /// <summary>Divides cosines in the contrastive loss. Default 0.07.</summary>
    public double Temperature { get; init; } = 0.07;

    /// <summary>Bytes of text that the tokenizer is trained on, drawn evenly from the functions. Default 40,000,000.</summary>
    public long TokenizerBytes { get; init; } = 40_000_000;

    /// <summary>Steps, batch size, learning rate and seed.</summary>
    public TrainerOptions Trainer { get; init; } = new() { Steps = 6000, BatchSize = 32, LearningRate = 6e-4, WarmupShare = 0.04, WeightDecay = 0.01, CheckpointSeconds = 120 };
}
