namespace Apprentice.Tokenizers;

/// <summary>The tokens of one text, or of a pair of texts, with the place of each in its text.</summary>
/// <param name="Ids">Token ids.</param>
/// <param name="Starts">First character of each token: UTF-16 index in the input text (in its own text for a pair). Tokens that cut one character apart all have that character's span; added special tokens have 0.</param>
/// <param name="Ends">Character after the last one of each token. A token of spaces only has an empty span where the tokenizer trims offsets, as RoBERTa's does.</param>
/// <param name="Types">0 for the first text, 1 for the second where the model tells them apart (BERT does, RoBERTa does not).</param>
/// <param name="Special">True where the tokenizer added the token, false where it stands for text.</param>
/// <param name="Dropped">Number of tokens that were cut off because of a length limit.</param>
public sealed record TokenizedText(int[] Ids, int[] Starts, int[] Ends, int[] Types, bool[] Special, int Dropped)
{
    /// <summary>Number of tokens.</summary>
    public int Count => Ids.Length;

    /// <summary>A part of the tokens, without a frame.</summary>
    internal TokenizedText Slice(int start, int count) => new(
        Ids.AsSpan(start, count).ToArray(),
        Starts.AsSpan(start, count).ToArray(),
        Ends.AsSpan(start, count).ToArray(),
        Types.AsSpan(start, count).ToArray(),
        Special.AsSpan(start, count).ToArray(),
        Dropped + Count - count);
}
