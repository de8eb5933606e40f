namespace Apprentice.Data;

/// <summary>How a generated example came about, enough to find its request, its answer and its parent again.</summary>
public sealed record Provenance
{
    /// <summary>Name of the language model as the provider gave it.</summary>
    public required string Model { get; init; }

    /// <summary>Prompt strategy, for example <c>fault-two-shot</c>.</summary>
    public required string Strategy { get; init; }

    /// <summary>SHA-256 of the prompt template, lower-case hexadecimal.</summary>
    public required string PromptHash { get; init; }

    /// <summary>SHA-256 of the request (provider, model, messages, sampling), lower-case hexadecimal.</summary>
    public required string RequestHash { get; init; }

    /// <summary>Id of the seed function or specification it was made from.</summary>
    public required string ParentId { get; init; }

    /// <summary>Ids of the demonstrations shown in the prompt, in order.</summary>
    public IReadOnlyList<string> Demonstrations { get; init; } = [];
}
