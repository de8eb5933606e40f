using Apprentice.Code;
using Apprentice.Tokenizers;

namespace Apprentice.Training;

/// <summary>A stretch of a function's tokens that fits the encoder, with the lines in it.</summary>
/// <param name="Ids">Token ids with <c>&lt;s&gt;</c> and <c>&lt;/s&gt;</c>.</param>
/// <param name="Lines">The lines that may be faulty and have tokens here, in order.</param>
public sealed record LineWindow(int[] Ids, LineSpan[] Lines)
{
    /// <summary>Cuts a function into windows. Every token is in at least one, so no line is dropped silently; long functions give several overlapping windows.</summary>
    /// <param name="code">Text of the function.</param>
    /// <param name="language">Its language; tells code from comments and braces.</param>
    /// <param name="tokenizer">Gives ids and character offsets.</param>
    /// <param name="maximumLength">Longest window in tokens, special tokens included.</param>
    /// <param name="faultyLines">1-based numbers of lines that count as candidates whatever is on them (labels in training); null for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">The window has no room for a token between the special ones.</exception>
    public static IReadOnlyList<LineWindow> Cut(string code, Language language, ITokenizer tokenizer, int maximumLength, IReadOnlyList<int>? faultyLines = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumLength, 3);
        LineFeatures features = LineFeatures.Of(code, language, faultyLines);
        TokenizedText tokens = tokenizer.Encode(code, EncodeOptions.Plain);
        int count = tokens.Ids.Length;
        int[] tokenLines = LinesOfTokens(code, tokens);
        List<(int Token, int Line)> carried = LinesWithoutTokens(code, tokens, tokenLines, features);
        int capacity = maximumLength - 2;
        List<LineWindow> windows = [];
        int start = 0;
        do
        {
            int stop = Math.Min(start + capacity, count);
            int[] ids = [tokenizer.StartId, .. tokens.Ids.AsSpan(start, stop - start), tokenizer.EndId];
            List<LineSpan> lines = [];
            for (int i = start; i < stop;)
            {
                int next = i;
                while (next < stop && tokenLines[next] == tokenLines[i])
                {
                    next++;
                }

                if (features.IsCandidate(tokenLines[i]))
                {
                    lines.Add(new LineSpan(tokenLines[i], i - start + 1, next - start + 1, features.Of(tokenLines[i])));
                }

                foreach ((int token, int line) in carried)
                {
                    if (token >= i && token < next)
                    {
                        lines.Add(new LineSpan(line, token - start + 1, token - start + 2, features.Of(line)));
                    }
                }

                i = next;
            }

            lines.Sort((a, b) => a.Line.CompareTo(b.Line));
            windows.Add(new LineWindow(ids, [.. lines]));
            if (stop == count)
            {
                break;
            }

            // The next window begins a quarter before this one's end, at the start of a line when one is near.
            int wanted = stop - (capacity / 4);
            int lineStart = wanted;
            while (lineStart > start + (capacity / 2) && tokenLines[lineStart - 1] == tokenLines[lineStart])
            {
                lineStart--;
            }

            start = lineStart > start + (capacity / 2) ? lineStart : wanted;
        }
        while (true);
        return windows;
    }

    /// <summary>0-based line of each token: the line of its first character that is not white space, else of its first character.</summary>
    private static int[] LinesOfTokens(string code, TokenizedText tokens)
    {
        int[] lines = new int[tokens.Ids.Length];
        int position = 0;
        int line = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            int anchor = tokens.Starts[i];
            for (int c = anchor; c < tokens.Ends[i]; c++)
            {
                if (!char.IsWhiteSpace(code[c]))
                {
                    anchor = c;
                    break;
                }
            }

            for (; position < anchor; position++)
            {
                line += code[position] == '\n' ? 1 : 0;
            }

            lines[i] = line;
        }

        return lines;
    }

    /// <summary>Candidate lines that no token is counted to, each with the token that covers its start: a blank line of a string is one, its line end belongs to a longer run of white space.</summary>
    private static List<(int Token, int Line)> LinesWithoutTokens(string code, TokenizedText tokens, int[] tokenLines, LineFeatures features)
    {
        List<(int, int)> result = [];
        int position = 0;
        int token = 0;
        for (int line = 0; line < features.Lines && tokenLines.Length > 0; line++)
        {
            if (features.IsCandidate(line) && Array.BinarySearch(tokenLines, line) < 0)
            {
                while (token + 1 < tokens.Starts.Length && tokens.Starts[token + 1] <= position)
                {
                    token++;
                }

                result.Add((token, line));
            }

            position = code.IndexOf('\n', position) + 1;
        }

        return result;
    }
}

/// <summary>Where a line's tokens stand in a window.</summary>
/// <param name="Line">0-based number of the line in the function.</param>
/// <param name="Start">First token in the window.</param>
/// <param name="End">End token in the window, exclusive.</param>
/// <param name="Features">The line's surface features, see <see cref="LineFeatures"/>.</param>
public sealed record LineSpan(int Line, int Start, int End, float[] Features);
