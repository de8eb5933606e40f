namespace Apprentice.Code;

/// <summary>The tokens of a text in a language with braces, without comments and directives, and which bracket closes which.</summary>
internal sealed class BraceStructure
{
    private BraceStructure(string code, List<CodeToken> tokens, int[] match, bool balanced) =>
        (Code, Tokens, Match, Balanced) = (code, tokens, match, balanced);

    public string Code { get; }

    public List<CodeToken> Tokens { get; }

    /// <summary>For each bracket the index of its partner, else -1; an opening bracket that stays open has the number of tokens.</summary>
    public int[] Match { get; }

    public bool Balanced { get; }

    public int Count => Tokens.Count;

    public static BraceStructure Read(Language language, string code)
    {
        List<CodeToken> lexed = Lexer.Tokenize(language, code);
        if (language == Language.Python)
        {
            Docstrings.RemoveSilent(language, code, lexed);
        }

        List<CodeToken> tokens = OneBranch(code, lexed);
        int[] match = new int[tokens.Count];
        Array.Fill(match, -1);
        List<int> open = [];
        Span<int> counts = stackalloc int[3];
        bool balanced = true;
        for (int i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Kind != CodeTokenKind.Punctuation)
            {
                continue;
            }

            char c = code[tokens[i].Start];
            int opening = "([{".IndexOf(c);
            int closing = ")]}".IndexOf(c);
            if (opening >= 0)
            {
                open.Add(i);
                counts[opening]++;
            }
            else if (closing >= 0)
            {
                // A brace outranks what stays open inside it; a parenthesis never closes a brace.
                while (counts[closing] > 0)
                {
                    int last = open[^1];
                    int kind = "([{".IndexOf(code[tokens[last].Start]);
                    if (kind == 2 && closing != 2)
                    {
                        balanced = false;
                        break;
                    }

                    open.RemoveAt(open.Count - 1);
                    counts[kind]--;
                    if (kind == closing)
                    {
                        match[last] = i;
                        match[i] = last;
                        break;
                    }

                    balanced = false;
                    // A parenthesis that a brace has to close ends just before it.
                    match[last] = i;
                }

                balanced &= match[i] >= 0;
            }
        }

        foreach (int index in open)
        {
            match[index] = tokens.Count;
            balanced = false;
        }

        return new BraceStructure(code, tokens, match, balanced);
    }

    public bool Is(int index, char punctuation) =>
        (uint)index < (uint)Tokens.Count && Tokens[index].Kind == CodeTokenKind.Punctuation && Code[Tokens[index].Start] == punctuation;

    public bool Is(int index, ReadOnlySpan<char> text) =>
        (uint)index < (uint)Tokens.Count && Tokens[index].Kind is not CodeTokenKind.String && Tokens[index].Text(Code).SequenceEqual(text);

    public bool IsKind(int index, CodeTokenKind kind) => (uint)index < (uint)Tokens.Count && Tokens[index].Kind == kind;

    public bool IsWord(int index) => IsKind(index, CodeTokenKind.Identifier) || IsKind(index, CodeTokenKind.Keyword);

    public ReadOnlySpan<char> Text(int index) => Tokens[index].Text(Code);

    /// <summary>The partner of an opening bracket, or the last token when it stays open or closes wrongly.</summary>
    public int Close(int index) => Math.Min(Match[index] < index ? Count - 1 : Match[index], Count - 1);

    /// <summary>Number of items between two brackets by the commas on their level.</summary>
    public int Items(int open, int close)
    {
        if (close <= open + 1 || (close == open + 2 && Is(open + 1, "void")))
        {
            return 0;
        }

        int items = 1;
        int angle = 0;
        for (int i = open + 1; i < close; i++)
        {
            if (Is(i, '(') || Is(i, '[') || Is(i, '{'))
            {
                i = Math.Max(i, Math.Min(Close(i), close - 1));
            }
            else if (Tokens[i].Kind == CodeTokenKind.Operator && Text(i) is "<" or ">" or ">>" or ">>>")
            {
                angle = Math.Max(0, angle + (Text(i) is "<" ? 1 : -Text(i).Length));
            }
            else if (angle == 0 && Is(i, ',') && i + 1 < close)
            {
                items++;
            }
        }

        return items;
    }

    public CodeFunction Function(string name, int first, int last, int parameterOpen)
    {
        CodeToken start = Tokens[first];
        CodeToken end = Tokens[Math.Min(last, Count - 1)];
        return new CodeFunction(name, start.Start, end.End, start.Line, end.Line + end.Text(Code).Count('\n'))
        {
            ParameterCount = parameterOpen < 0 ? -1 : Items(parameterOpen, Close(parameterOpen)),
        };
    }

    /// <summary>Leaves out comments, directives and those branches of conditional compilation that would open the same brace twice.</summary>
    private static List<CodeToken> OneBranch(string code, List<CodeToken> tokens)
    {
        List<CodeToken> kept = new(tokens.Count);
        Stack<int> depths = new();
        int depth = 0;
        int skipped = 0;
        foreach (CodeToken token in tokens)
        {
            if (token.Kind == CodeTokenKind.Preprocessor)
            {
                ReadOnlySpan<char> directive = token.Text(code).TrimStart("# \t");
                if (skipped > 0)
                {
                    skipped += directive.StartsWith("if") ? 1 : directive.StartsWith("endif") ? -1 : 0;
                    if (skipped == 0 && depths.Count > 0)
                    {
                        depths.Pop();
                    }
                }
                else if (directive.StartsWith("if"))
                {
                    depths.Push(depth);
                }
                else if (directive.StartsWith("el") && depths.Count > 0)
                {
                    skipped = depth == depths.Peek() ? 0 : 1;
                }
                else if (directive.StartsWith("endif") && depths.Count > 0)
                {
                    depths.Pop();
                }

                continue;
            }

            if (skipped > 0 || token.Kind == CodeTokenKind.Comment)
            {
                continue;
            }

            if (token.Kind == CodeTokenKind.Punctuation)
            {
                depth += code[token.Start] switch { '{' => 1, '}' => -1, _ => 0 };
            }

            kept.Add(token);
        }

        return kept;
    }
}
