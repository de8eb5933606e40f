namespace Apprentice.Data;

/// <summary>One function with known faulty lines: an item of fault or vulnerability localization, or a clean function when no line is faulty.</summary>
/// <remarks>Its JSON form is documented in docs/formats.md; <see cref="FaultDataset"/> reads and writes it.</remarks>
public sealed record FaultExample
{
    /// <summary>Unique in its data set.</summary>
    public required string Id { get; init; }

    /// <summary><c>fault-localization</c>, <c>vulnerability-localization</c> or <c>clean-function</c>.</summary>
    public string Task { get; init; } = "fault-localization";

    /// <summary>Language name: <c>java</c>, <c>python</c>, <c>c</c>, <c>cpp</c>, <c>csharp</c>, <c>javascript</c> or <c>go</c>.</summary>
    public required string Language { get; init; }

    /// <summary>Source text of the faulty (or clean) function, line ends as found.</summary>
    public required string Code { get; init; }

    /// <summary>1-based numbers of the faulty lines of <see cref="Code"/> split at <c>\n</c>, ascending; empty for a clean function.</summary>
    public IReadOnlyList<int> FaultyLines { get; init; } = [];

    /// <summary>The corrected text, or null when unknown.</summary>
    public string? FixedCode { get; init; }

    /// <summary>Name of the collection the row comes from.</summary>
    public string Source { get; init; } = "";

    /// <summary>The project or the problem that the function belongs to; splits never share one.</summary>
    public string ProjectOrProblem { get; init; } = "";

    /// <summary><c>real</c> or <c>llm</c>.</summary>
    public string Origin { get; init; } = "real";

    /// <summary>Name of the language model that wrote the row, or null for a real one.</summary>
    public string? Llm { get; init; }

    /// <summary>Kind of fault, or null when unknown.</summary>
    public string? Category { get; init; }

    /// <summary>True when the fix only adds lines.</summary>
    public bool Insertion { get; init; }

    /// <summary>Licence of the text, or null when not stated.</summary>
    public string? License { get; init; }

    /// <summary><c>function</c> or <c>program</c>.</summary>
    public string Granularity { get; init; } = "function";

    /// <summary>How a generated row came about; null for a real one.</summary>
    public Provenance? Provenance { get; init; }
}
