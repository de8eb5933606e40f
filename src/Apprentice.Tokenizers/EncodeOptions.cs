namespace Apprentice.Tokenizers;

/// <summary>What the text of a special token (such as <c>&lt;mask&gt;</c>) inside the input means.</summary>
public enum SpecialTokenText
{
    /// <summary>It is ordinary text. The safe choice for code that someone else wrote, and the default.</summary>
    Ordinary,

    /// <summary>It becomes the special token's id.</summary>
    Parsed,
}

/// <summary>Which side loses tokens when a text, or a pair of texts, is too long.</summary>
public enum Truncation
{
    /// <summary>The longer side, down to the length of the shorter one, then both. The default.</summary>
    LongestFirst,

    /// <summary>Only the first text; it is an error if that is not enough.</summary>
    OnlyFirst,

    /// <summary>Only the second text; it is an error if that is not enough.</summary>
    OnlySecond,
}

/// <summary>How a text is turned into token ids.</summary>
public sealed record EncodeOptions
{
    /// <summary>The options used when none are given.</summary>
    public static EncodeOptions Default { get; } = new();

    /// <summary>The options for parts of a text that the caller joins: no special tokens are added.</summary>
    public static EncodeOptions Plain { get; } = new() { AddSpecialTokens = false };

    /// <summary>Whether the model's frame (for RoBERTa <c>&lt;s&gt; … &lt;/s&gt;</c>) is put around the tokens. Default true.</summary>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>What special tokens written out in the text mean. Default ordinary text, because scanned code is not trusted.</summary>
    public SpecialTokenText SpecialTokenText { get; init; }

    /// <summary>Largest number of tokens of the result, special tokens included; null (default) for no limit. <see cref="TokenizedText.Dropped"/> counts what was cut.</summary>
    public int? MaximumLength { get; init; }

    /// <summary>Which side is cut. Default the longer one.</summary>
    public Truncation Truncation { get; init; }
}
