namespace Apprentice.Code;

/// <summary>How deep brackets lie inside each other.</summary>
/// <remarks>
/// Parsers descend once for each level. Roslyn guards most of its descents but not those into tuple types and type arguments, so thirty thousand
/// opening parentheses end the process; text from outside is measured before it is parsed.
/// </remarks>
public static class Nesting
{
    /// <summary>Deepest nesting that is parsed: 200 levels, several times what people write and a tenth of what a 1 MiB stack bears.</summary>
    public const int Deepest = 200;

    /// <summary>True when the brackets of a text lie deeper than <see cref="Deepest"/>.</summary>
    /// <remarks>Strings and comments are not told apart; a stray bracket in one counts until the block around it ends.</remarks>
    /// <param name="text">Program text.</param>
    public static bool IsTooDeep(ReadOnlySpan<char> text)
    {
        Span<char> open = stackalloc char[Deepest];
        int depth = 0;
        foreach (char c in text)
        {
            switch (c)
            {
                case '(' or '[' or '{' or '<':
                    if (depth == Deepest)
                    {
                        return true;
                    }

                    open[depth++] = c;
                    break;
                case ')' or ']' or '}' or '>':
                    char match = c switch { ')' => '(', ']' => '[', '}' => '{', _ => '<' };
                    int at = open[..depth].LastIndexOf(match);
                    if (at >= 0 && (c != '>' || at == depth - 1))
                    {
                        depth = at;
                    }

                    break;
                case ';':
                    // A comparison opens nothing.
                    while (depth > 0 && open[depth - 1] == '<')
                    {
                        depth--;
                    }

                    break;
            }
        }

        return false;
    }
}
