using System.Runtime.InteropServices;

namespace Apprentice.Code;

/// <summary>Forms of a text in which what does not matter for a comparison is gone.</summary>
public static class NormalForm
{
    /// <summary>The tokens without comments and Python's documentation strings; directives are split at white space. Two texts with equal sequences are clones of type 1.</summary>
    /// <param name="language">Language of the text.</param>
    /// <param name="code">Program text.</param>
    public static List<string> Tokens(Language language, string code)
    {
        List<CodeToken> tokens = Lexer.Tokenize(language, code);
        Docstrings.RemoveSilent(language, code, tokens);
        List<string> texts = new(tokens.Count);
        foreach (CodeToken token in tokens)
        {
            if (token.Kind == CodeTokenKind.Preprocessor)
            {
                foreach (Range part in token.Text(code).SplitAny(' ', '\t', '\r', '\n'))
                {
                    ReadOnlySpan<char> text = token.Text(code)[part];
                    if (text.Length > 0 && text is not "\\")
                    {
                        texts.Add(text.ToString());
                    }
                }
            }
            else
            {
                texts.Add(token.Text(code).ToString());
            }
        }

        return texts;
    }

    /// <summary>
    /// The tokens with each identifier replaced by the number of its first use (<c>$1</c>, <c>$2</c>, …) and each literal by its kind
    /// (<c>0</c> for numbers, <c>""</c> for strings, <c>''</c> for characters). Two texts with equal sequences are clones of type 2.
    /// </summary>
    /// <param name="language">Language of the text.</param>
    /// <param name="code">Program text.</param>
    public static List<string> Renamed(Language language, string code)
    {
        List<CodeToken> tokens = Lexer.Tokenize(language, code);
        Docstrings.RemoveSilent(language, code, tokens);
        List<string> texts = new(tokens.Count);
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> lookup = names.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (CodeToken token in tokens)
        {
            ReadOnlySpan<char> text = token.Text(code);
            switch (token.Kind)
            {
                case CodeTokenKind.Identifier:
                    if (!lookup.TryGetValue(text, out string? name))
                    {
                        name = "$" + (names.Count + 1);
                        names.Add(text.ToString(), name);
                    }

                    texts.Add(name);
                    break;
                case CodeTokenKind.Number:
                    texts.Add("0");
                    break;
                case CodeTokenKind.String:
                    texts.Add("\"\"");
                    break;
                case CodeTokenKind.Character:
                    texts.Add("''");
                    break;
                default:
                    texts.Add(text.ToString());
                    break;
            }
        }

        return texts;
    }

    /// <summary>Overlap of two token bags: shared tokens counted as often as both have them, divided by the size of the larger bag; 1 for two empty ones.</summary>
    /// <remarks>Source: Sajnani et al., 2016 (SourcererCC), arXiv:1512.06448, section 2: clones where the overlap is at least θ times the larger size.</remarks>
    /// <param name="a">Tokens of one text.</param>
    /// <param name="b">Tokens of the other text.</param>
    public static double Overlap(IReadOnlyCollection<string> a, IReadOnlyCollection<string> b)
    {
        int larger = Math.Max(a.Count, b.Count);
        return larger == 0 ? 1 : (double)Shared(a, b) / larger;
    }

    /// <summary>Jaccard similarity of two token bags: shared tokens counted as often as both have them, divided by the size of the bags' union; 1 for two empty ones.</summary>
    /// <param name="a">Tokens of one text.</param>
    /// <param name="b">Tokens of the other text.</param>
    public static double Jaccard(IReadOnlyCollection<string> a, IReadOnlyCollection<string> b)
    {
        int shared = Shared(a, b);
        int union = a.Count + b.Count - shared;
        return union == 0 ? 1 : (double)shared / union;
    }

    private static int Shared(IReadOnlyCollection<string> a, IReadOnlyCollection<string> b)
    {
        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        foreach (string token in a)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(counts, token, out _)++;
        }

        int shared = 0;
        foreach (string token in b)
        {
            ref int left = ref CollectionsMarshal.GetValueRefOrNullRef(counts, token);
            if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref left) && left > 0)
            {
                left--;
                shared++;
            }
        }

        return shared;
    }
}
