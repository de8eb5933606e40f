using System.Runtime.InteropServices;

namespace Apprentice.Code;

/// <summary>Finds the strings of Python that stand alone as a statement: documentation, not code.</summary>
internal static class Docstrings
{
    /// <summary>Removes comments and, for Python, standalone strings from a token list, in place.</summary>
    public static void RemoveSilent(Language language, string code, List<CodeToken> tokens)
    {
        tokens.RemoveAll(static token => token.Kind == CodeTokenKind.Comment);
        if (language != Language.Python)
        {
            return;
        }

        Span<CodeToken> all = CollectionsMarshal.AsSpan(tokens);
        int kept = 0;
        int depth = 0;
        for (int i = 0; i < all.Length; i++)
        {
            CodeToken token = all[i];
            if (token.Kind == CodeTokenKind.Punctuation)
            {
                depth += code[token.Start] switch { '(' or '[' or '{' => 1, ')' or ']' or '}' when depth > 0 => -1, _ => 0 };
            }

            if (token.Kind == CodeTokenKind.String && depth == 0
                && (i == 0 || BreaksLine(code, all[i - 1].End, token.Start))
                && (i + 1 == all.Length || BreaksLine(code, token.End, all[i + 1].Start)))
            {
                continue;
            }

            all[kept++] = token;
        }

        tokens.RemoveRange(kept, tokens.Count - kept);
    }

    private static bool BreaksLine(string code, int from, int to)
    {
        ReadOnlySpan<char> between = code.AsSpan(from, to - from);
        int end = between.IndexOf('\n');
        return end >= 0 && !between[..end].TrimEnd().EndsWith("\\");
    }
}
