namespace Apprentice.Data;

/// <summary>Two functions and whether they do the same: an item of clone detection.</summary>
/// <remarks>Its JSON form is documented in docs/formats.md; <see cref="CloneDataset"/> reads and writes it.</remarks>
public sealed record ClonePair
{
    /// <summary>Unique in its data set.</summary>
    public required string Id { get; init; }

    /// <summary>Always <c>clone-detection</c>.</summary>
    public string Task { get; init; } = "clone-detection";

    /// <summary>Language of <see cref="CodeA"/>.</summary>
    public required string LanguageA { get; init; }

    /// <summary>Language of <see cref="CodeB"/>.</summary>
    public required string LanguageB { get; init; }

    /// <summary>Text of the first function.</summary>
    public required string CodeA { get; init; }

    /// <summary>Text of the second function.</summary>
    public required string CodeB { get; init; }

    /// <summary>1 for a clone, 0 for not.</summary>
    public required int Label { get; init; }

    /// <summary><c>T1</c> to <c>T4</c> for clones in one language, else null.</summary>
    public string? CloneType { get; init; }

    /// <summary>Name of the collection the row comes from.</summary>
    public string Source { get; init; } = "";

    /// <summary>The problem that both solve; for non-clones the two problems joined with <c>|</c>.</summary>
    public string Problem { get; init; } = "";

    /// <summary><c>real</c> or <c>llm</c>.</summary>
    public string Origin { get; init; } = "real";

    /// <summary>Name of the language model that wrote a side, or null.</summary>
    public string? Llm { get; init; }

    /// <summary>Licence of the texts, or null when not stated.</summary>
    public string? License { get; init; }

    /// <summary>How a generated row came about; null for a real one.</summary>
    public Provenance? Provenance { get; init; }
}
