namespace Apprentice.Generation;

/// <summary>Whom to ask and how to sample.</summary>
public sealed record PromptOptions
{
    /// <summary>Name of the model as the provider knows it.</summary>
    public required string Model { get; init; }

    /// <summary>Name of the provider; part of the request's hash. Default empty: any.</summary>
    public string Provider { get; init; } = "";

    /// <summary>Answers per seed. Default 5 for faults in the paper's reading; the demo uses 4 for faults and 2 for clones.</summary>
    public int Variants { get; init; } = 5;

    /// <summary>Sampling temperature. Default 1, as in the paper's sibling study; null leaves it to the provider.</summary>
    public float? Temperature { get; init; } = 1;

    /// <summary>Nucleus sampling. Default 0.95, from the same study; null leaves it to the provider.</summary>
    public float? TopP { get; init; } = 0.95f;

    /// <summary>Tokens an answer may have. Default null: a third of the characters of the seed (tokens of code are rarely shorter) plus 400, rounded up to hundreds.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Ask the provider to stop at the end marker. Default true.</summary>
    public bool StopAtEnd { get; init; } = true;
}
