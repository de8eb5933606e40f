using Apprentice.Tokenizers;

namespace Apprentice.Training;

/// <summary>A function as windows of token ids for one vector: all tokens are in one window each.</summary>
public static class FunctionTokens
{
    /// <summary>Cuts a function into windows without overlap; the function's vector is the mean over the tokens of all of them.</summary>
    /// <param name="code">Text.</param>
    /// <param name="tokenizer">Gives ids.</param>
    /// <param name="maximumLength">Longest window in tokens, special tokens included.</param>
    /// <exception cref="ArgumentOutOfRangeException">The window has no room for a token between the special ones.</exception>
    public static IReadOnlyList<int[]> Cut(string code, ITokenizer tokenizer, int maximumLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumLength, 3);
        int[] ids = tokenizer.Encode(code, EncodeOptions.Plain).Ids;
        List<int[]> windows = [];
        for (int start = 0; start == 0 || start < ids.Length; start += maximumLength - 2)
        {
            windows.Add([tokenizer.StartId, .. ids.AsSpan(start, Math.Min(maximumLength - 2, ids.Length - start)), tokenizer.EndId]);
        }

        return windows;
    }
}
