using System.Text;

namespace Apprentice.Tokenizers;

/// <summary>Unicode normal form C with the way back to the original characters.</summary>
internal static class NormalForm
{
    /// <summary>A changed text and, for each of its characters, the span it came from.</summary>
    internal sealed record Mapping(string Text, int[] Starts, int[] Ends)
    {
        public (int Start, int End) Back(int start, int end) => start >= end
            ? (start < Starts.Length ? Starts[start] : Ends.Length == 0 ? 0 : Ends[^1], start < Starts.Length ? Starts[start] : Ends.Length == 0 ? 0 : Ends[^1])
            : (Starts[start], Ends[end - 1]);
    }

    /// <summary>The composed form; null when the text is in it already.</summary>
    public static Mapping? ComposeC(ReadOnlySpan<char> text) =>
        // No character below U+0300 takes part in composition or changes under it.
        text.IndexOfAnyExceptInRange('\0', '\u02FF') < 0
            ? null
            : throw new NotSupportedException("normalisation form C of text beyond U+02FF");
}
