using System.Buffers;

namespace Apprentice.Code;

/// <summary>Takes comments out of program text.</summary>
/// <remarks>A line that held nothing but removed comments disappears; other lines keep their number of characters to the left of the comment.</remarks>
public static class Comments
{
    // Word stems, matched at the start of a word; 'fault' would also be in 'default', which no word start matches.
    private static readonly string[] s_tellTale =
    [
        "bug", "fix", "fault", "error", "wrong", "incorrect", "mistake", "todo", "fixme", "xxx", "hack", "broken", "defect", "issue",
        "vulnerab", "secur", "exploit", "unsafe", "overflow", "cve", "cwe", "inject", "attack", "malicious", "sanitiz", "should be", "was:",
        "correct", "missing", "buggy", "flaw", "insecure", "injected", "regression", "workaround",
    ];

    private static readonly SearchValues<string> s_stems = SearchValues.Create(s_tellTale, StringComparison.OrdinalIgnoreCase);

    /// <summary>The text without its comments.</summary>
    /// <param name="language">Language of the text.</param>
    /// <param name="code">Program text.</param>
    public static string StripAll(Language language, string code) => Strip(language, code, static _ => true);

    /// <summary>The text without those comments that speak of bugs, faults, fixes, errors, TODOs or security, which would give a label away.</summary>
    /// <param name="language">Language of the text.</param>
    /// <param name="code">Program text.</param>
    public static string StripTellTale(Language language, string code) => Strip(language, code, IsTellTale);

    /// <summary>True when a comment speaks of a bug, fault, fix, error, TODO or of security.</summary>
    /// <param name="comment">Text of one comment.</param>
    public static bool IsTellTale(ReadOnlySpan<char> comment)
    {
        while (comment.IndexOfAny(s_stems) is int at && at >= 0)
        {
            if (at == 0 || !char.IsLetter(comment[at - 1]))
            {
                return true;
            }

            comment = comment[(at + 1)..];
        }

        return false;
    }

    private delegate bool CommentTest(ReadOnlySpan<char> comment);

    private static string Strip(Language language, string code, CommentTest removed)
    {
        List<(int Start, int End)> cuts = [];
        foreach (CodeToken token in Lexer.Tokenize(language, code))
        {
            if (token.Kind == CodeTokenKind.Comment && removed(token.Text(code)))
            {
                if (cuts.Count > 0 && code.AsSpan(cuts[^1].End, token.Start - cuts[^1].End).IsWhiteSpace()
                    && !code.AsSpan(cuts[^1].End, token.Start - cuts[^1].End).Contains('\n'))
                {
                    cuts[^1] = (cuts[^1].Start, token.End);
                }
                else
                {
                    cuts.Add((token.Start, token.End));
                }
            }
        }

        if (cuts.Count == 0)
        {
            return code;
        }

        System.Text.StringBuilder result = new(code.Length);
        int from = 0;
        foreach ((int start, int end) in cuts)
        {
            int before = start;
            while (before > from && code[before - 1] is ' ' or '\t')
            {
                before--;
            }

            int after = end;
            while (after < code.Length && code[after] is ' ' or '\t' or '\r')
            {
                after++;
            }

            bool opensLine = before == 0 || code[before - 1] == '\n';
            bool closesLine = after == code.Length || code[after] == '\n';
            if (opensLine && closesLine)
            {
                // The whole line goes, with its line end.
                result.Append(code, from, before - from);
                from = Math.Min(after + 1, code.Length);
                if (from == code.Length && after == code.Length && result.Length > 0 && result[^1] == '\n')
                {
                    result.Length--;
                }
            }
            else if (closesLine)
            {
                result.Append(code, from, before - from);
                from = after > end && code[after - 1] == '\r' ? after - 1 : after;
            }
            else
            {
                result.Append(code, from, start - from);
                if (!opensLine && before == start && after == end)
                {
                    // Two names must not grow together where only a comment parted them.
                    result.Append(' ');
                }

                from = end;
            }
        }

        return result.Append(code, from, code.Length - from).ToString();
    }
}
