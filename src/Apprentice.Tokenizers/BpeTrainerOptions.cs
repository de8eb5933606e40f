namespace Apprentice.Tokenizers;

/// <summary>How a byte-level BPE vocabulary is learned.</summary>
public sealed record BpeTrainerOptions
{
    /// <summary>Number of tokens, special tokens and the 256 bytes included. Default 8192, enough for source code and small enough for a small model's embeddings.</summary>
    public int VocabularySize { get; init; } = 8192;

    /// <summary>Special tokens that get the first ids. Default RoBERTa's, in its order.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = ["<s>", "<pad>", "</s>", "<unk>"];

    /// <summary>Special tokens that get the last ids. Default <c>&lt;mask&gt;</c>, as in RoBERTa.</summary>
    public IReadOnlyList<string> LastSpecialTokens { get; init; } = ["<mask>"];

    /// <summary>How the text is cut before merging. Default GPT-2's pattern.</summary>
    public SplitPattern Split { get; init; } = SplitPattern.Gpt2;

    /// <summary>Pieces seen less often than this teach no merges. Default 2: a piece seen once is noise, and half of all pieces are.</summary>
    public int MinimumPieceFrequency { get; init; } = 2;

    /// <summary>Learning ends when no pair is seen this often. Default 2.</summary>
    public int MinimumPairFrequency { get; init; } = 2;

    /// <summary>Longer pieces, in UTF-16 characters, teach no merges. Default 40: beyond are rulers of dashes, blank runs and encoded data.</summary>
    public int LongestPiece { get; init; } = 40;

    /// <summary>Number of different pieces held while counting. When it is reached, the rarest are forgotten. Default 4 million, about 400 MB.</summary>
    public int MostPieces { get; init; } = 4_000_000;

    /// <summary>Every problem with these settings, or none.</summary>
    public IEnumerable<string> Problems()
    {
        int fixedTokens = 256 + SpecialTokens.Count + LastSpecialTokens.Count;
        if (VocabularySize < fixedTokens)
        {
            yield return $"{nameof(VocabularySize)} is {VocabularySize}; the bytes and special tokens alone need {fixedTokens}.";
        }

        if (SpecialTokens.Concat(LastSpecialTokens).GroupBy(t => t).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            yield return $"The special token '{twice.Key}' is named twice.";
        }

        if (SpecialTokens.Concat(LastSpecialTokens).Any(t => t.Length < 2))
        {
            yield return "A special token must be at least two characters long; single characters are the bytes.";
        }

        if (MinimumPieceFrequency < 1 || MinimumPairFrequency < 1)
        {
            yield return $"{nameof(MinimumPieceFrequency)} and {nameof(MinimumPairFrequency)} must be at least 1.";
        }

        if (LongestPiece < 2)
        {
            yield return $"{nameof(LongestPiece)} is {LongestPiece}; pieces of one character have no pairs to merge.";
        }

        if (MostPieces < 1000)
        {
            yield return $"{nameof(MostPieces)} is {MostPieces}; at least 1000 are needed to learn anything.";
        }
    }
}

/// <summary>How far a training has come.</summary>
/// <param name="Characters">Characters counted so far.</param>
/// <param name="Pieces">Different pieces held.</param>
/// <param name="Tokens">Tokens of the vocabulary so far; 0 while counting.</param>
/// <param name="Target">Tokens asked for.</param>
public sealed record BpeTrainingProgress(long Characters, int Pieces, int Tokens, int Target)
{
    /// <summary>One line for a terminal.</summary>
    public override string ToString() => Tokens == 0
        ? $"counted {Characters / 1e6:F1} M characters, {Pieces} pieces"
        : $"token {Tokens} of {Target}";
}
