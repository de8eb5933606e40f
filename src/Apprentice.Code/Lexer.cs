namespace Apprentice.Code;

/// <summary>Cuts program text into tokens; takes any text, well-formed or not.</summary>
/// <remarks>
/// Every character lies in exactly one token or is white space between two, so that the text can be put together again.
/// Never throws; time is linear in the length. A string or character literal that is not closed ends at the end of its line,
/// a multi-line form or block comment that is not closed at the end of the text. Thread-safe.
/// </remarks>
public static class Lexer
{
    /// <summary>The tokens of a text in order.</summary>
    /// <param name="language">Whose lexical rules hold.</param>
    /// <param name="code">Program text, line ends <c>\n</c> or <c>\r\n</c>.</param>
    public static List<CodeToken> Tokenize(Language language, string code)
    {
        ArgumentNullException.ThrowIfNull(code);
        List<CodeToken> tokens = new((code.Length / 4) + 4);
        Tokenize(language, code, tokens);
        return tokens;
    }

    /// <summary>As <see cref="Tokenize(Language, string)"/>, into a list that the caller reuses; it is emptied first.</summary>
    /// <param name="language">Whose lexical rules hold.</param>
    /// <param name="code">Program text.</param>
    /// <param name="tokens">Receives the tokens.</param>
    public static void Tokenize(Language language, string code, List<CodeToken> tokens)
    {
        ArgumentNullException.ThrowIfNull(code);
        ArgumentNullException.ThrowIfNull(tokens);
        tokens.Clear();
        new Scanner(language, code, tokens).Run();
    }

    /// <summary>True for a character that may begin a name in any of the languages.</summary>
    internal static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_' || (c > 127 && !char.IsWhiteSpace(c));

    /// <summary>True for a character that may continue a name in any of the languages.</summary>
    internal static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c == '_' || (c > 127 && !char.IsWhiteSpace(c));

    private ref struct Scanner(Language language, string code, List<CodeToken> tokens)
    {
        private const int MaximumNesting = 24;

        private readonly LexicalRules _rules = LexicalRules.Of(language);
        private readonly bool _dollarNames = language is Language.Java or Language.JavaScript;
        private readonly bool _directives = language is Language.C or Language.Cpp or Language.CSharp;
        private int _position = 0;
        private int _line = 1;
        private bool _lineStart = true;
        private int _noRegexBefore = 0;

        public void Run()
        {
            while (_position < code.Length)
            {
                char c = code[_position];
                if (c == '\n')
                {
                    _line++;
                    _lineStart = true;
                    _position++;
                }
                else if (char.IsWhiteSpace(c) || c == '\uFEFF')
                {
                    _position++;
                }
                else if (c == '#' && _lineStart && _directives)
                {
                    Directive();
                }
                else
                {
                    _lineStart = false;
                    (CodeTokenKind kind, int end) = Next(c);
                    Add(kind, end);
                }
            }
        }

        private void Add(CodeTokenKind kind, int end)
        {
            tokens.Add(new CodeToken(kind, _position, end - _position, _line));
            if (kind is CodeTokenKind.String or CodeTokenKind.Comment or CodeTokenKind.Preprocessor)
            {
                _line += code.AsSpan(_position, end - _position).Count('\n');
            }

            _position = end;
        }

        private readonly char At(int index) => (uint)index < (uint)code.Length ? code[index] : '\0';

        private (CodeTokenKind Kind, int End) Next(char c)
        {
            int at = _position;
            if (IsNameStart(c) || (c == '$' && _dollarNames))
            {
                return Word(at);
            }

            if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(At(at + 1))))
            {
                return (CodeTokenKind.Number, NumberEnd(at));
            }

            char next = At(at + 1);
            if (language == Language.Python)
            {
                if (c == '#')
                {
                    return (CodeTokenKind.Comment, LineEnd(at));
                }

                if (c is '"' or '\'')
                {
                    return (CodeTokenKind.String, PythonStringEnd(at));
                }
            }
            else
            {
                switch (c)
                {
                    case '/' when next == '/':
                        return (CodeTokenKind.Comment, CommentLineEnd(at));
                    case '/' when next == '*':
                        return (CodeTokenKind.Comment, After("*/", at + 2));
                    case '/' when language == Language.JavaScript && RegexMayStart() && RegexEnd(at) is int end && end > 0:
                        return (CodeTokenKind.String, end);
                    case '"' when language == Language.CSharp:
                        return (CodeTokenKind.String, CSharpStringEnd(at, 0));
                    case '$' or '@' when language == Language.CSharp && CSharpPrefixEnd(at) > 0:
                        return (CodeTokenKind.String, CSharpStringEnd(at, 0));
                    case '@' when language == Language.CSharp && IsNameStart(next):
                        return (CodeTokenKind.Identifier, NameEnd(at + 1));
                    case '"' when language == Language.Java && next == '"' && At(at + 2) == '"':
                        return (CodeTokenKind.String, TripleEnd(at + 3, '"'));
                    case '"':
                        return (CodeTokenKind.String, QuotedEnd(at, '"'));
                    case '\'' when language == Language.JavaScript:
                        return (CodeTokenKind.String, QuotedEnd(at, '\''));
                    case '\'':
                        return (CodeTokenKind.Character, QuotedEnd(at, '\''));
                    case '`' when language == Language.Go:
                        return (CodeTokenKind.String, After("`", at + 1));
                    case '`' when language == Language.JavaScript:
                        return (CodeTokenKind.String, TemplateEnd(at, 0));
                    case '#' when language == Language.JavaScript && IsNameStart(next):
                        return (CodeTokenKind.Identifier, NameEnd(at + 1));
                    case '#' when language == Language.JavaScript && next == '!' && at == 0:
                        return (CodeTokenKind.Comment, LineEnd(at));
                    case '?' when next == '.' && char.IsAsciiDigit(At(at + 2)):
                        return (CodeTokenKind.Operator, at + 1);
                }
            }

            int length = _rules.OperatorLength(code.AsSpan(at));
            bool punctuation = length == 1 && c is '(' or ')' or '[' or ']' or '{' or '}' or ',' or ';' or ':' or '.';
            return (punctuation && length == 1 ? CodeTokenKind.Punctuation : CodeTokenKind.Operator, at + length);
        }

        private (CodeTokenKind Kind, int End) Word(int at)
        {
            int end = NameEnd(at);
            char quote = At(end);
            if (quote is '"' or '\'')
            {
                ReadOnlySpan<char> prefix = code.AsSpan(at, end - at);
                if (language == Language.Python && prefix.Length <= 2 && IsPythonPrefix(prefix))
                {
                    return (CodeTokenKind.String, PythonStringEnd(end));
                }

                if (language is Language.C or Language.Cpp && prefix.Length <= 3 && prefix is "L" or "u" or "U" or "u8" or "R" or "LR" or "uR" or "UR" or "u8R")
                {
                    if (quote == '\'')
                    {
                        return prefix[^1] == 'R' ? (CodeTokenKind.Identifier, end) : (CodeTokenKind.Character, QuotedEnd(end, '\''));
                    }

                    return (CodeTokenKind.String, prefix[^1] == 'R' ? RawEnd(end) : QuotedEnd(end, '"'));
                }
            }

            return (_rules.IsKeyword(code.AsSpan(at, end - at)) ? CodeTokenKind.Keyword : CodeTokenKind.Identifier, end);
        }

        private readonly int NameEnd(int at)
        {
            while (at < code.Length && (IsNamePart(code[at]) || (code[at] == '$' && _dollarNames)))
            {
                at++;
            }

            return at;
        }

        private static bool IsPythonPrefix(ReadOnlySpan<char> prefix)
        {
            foreach (char c in prefix)
            {
                if (c is not ('r' or 'R' or 'b' or 'B' or 'f' or 'F' or 'u' or 'U' or 't' or 'T'))
                {
                    return false;
                }
            }

            return true;
        }

        private readonly int NumberEnd(int at)
        {
            bool hex = code[at] == '0' && At(at + 1) is 'x' or 'X';
            while (at < code.Length)
            {
                char c = code[at];
                char next = At(at + 1);
                if (char.IsAsciiLetterOrDigit(c) || c == '_')
                {
                    at++;
                    if (next is '+' or '-' && char.IsAsciiDigit(At(at + 1)) && (hex ? c is 'p' or 'P' : c is 'e' or 'E'))
                    {
                        at++;
                    }
                }
                else if (c == '\'' && language is Language.C or Language.Cpp && char.IsAsciiLetterOrDigit(next))
                {
                    at++;
                }
                else if (c == '.' && PointBelongs(next, At(at + 2)))
                {
                    at++;
                }
                else
                {
                    break;
                }
            }

            return at;
        }

        private readonly bool PointBelongs(char next, char afterNext)
        {
            if (char.IsAsciiDigit(next))
            {
                return true;
            }

            if (language == Language.CSharp || next == '.')
            {
                return false;
            }

            return IsNameStart(next)
                ? language != Language.JavaScript && next is 'f' or 'F' or 'l' or 'L' or 'e' or 'E' or 'd' or 'D' or 'j' or 'J' && !char.IsAsciiLetter(afterNext)
                : true;
        }

        private readonly int LineEnd(int at)
        {
            int end = code.AsSpan(at).IndexOf('\n');
            end = end < 0 ? code.Length : at + end;
            return end > at && code[end - 1] == '\r' ? Math.Max(end - 1, at + 1) : end;
        }

        /// <summary>End of a line comment; in C and C++ a backslash at the end of the line continues it.</summary>
        private readonly int CommentLineEnd(int at)
        {
            int end = LineEnd(at);
            while (language is Language.C or Language.Cpp && end < code.Length && code[end - 1] == '\\')
            {
                end = LineEnd(Math.Min(end + (code[end] == '\r' ? 2 : 1), code.Length - 1));
                if (end <= at || code[end - 1] == '\n')
                {
                    break;
                }
            }

            return end;
        }

        private readonly int After(string closing, int at)
        {
            if (at >= code.Length)
            {
                return code.Length;
            }

            int index = code.AsSpan(at).IndexOf(closing, StringComparison.Ordinal);
            return index < 0 ? code.Length : at + index + closing.Length;
        }

        /// <summary>End of a one-line literal whose opening quote is at the position; a backslash escapes, also a line end.</summary>
        private readonly int QuotedEnd(int at, char quote)
        {
            for (int i = at + 1; i < code.Length; i++)
            {
                char c = code[i];
                if (c == quote)
                {
                    return i + 1;
                }

                if (c == '\n')
                {
                    return code[i - 1] == '\r' && i - 1 > at ? i - 1 : i;
                }

                if (c == '\\')
                {
                    // A Windows line end after a backslash is two characters.
                    i += At(i + 1) == '\r' && At(i + 2) == '\n' ? 2 : 1;
                }
            }

            return code.Length;
        }

        private readonly int TripleEnd(int at, char quote)
        {
            for (int i = at; i < code.Length; i++)
            {
                if (code[i] == '\\')
                {
                    i++;
                }
                else if (code[i] == quote && At(i + 1) == quote && At(i + 2) == quote)
                {
                    return i + 3;
                }
            }

            return code.Length;
        }

        private readonly int PythonStringEnd(int at)
        {
            char quote = code[at];
            return At(at + 1) == quote && At(at + 2) == quote ? TripleEnd(at + 3, quote) : QuotedEnd(at, quote);
        }

        /// <summary>End of a raw string of C++ whose quote is at the position.</summary>
        private readonly int RawEnd(int at)
        {
            int open = at + 1;
            while (open < code.Length && open - at <= 17 && code[open] is not ('(' or '"' or '\n' or ' ' or ')' or '\\'))
            {
                open++;
            }

            return At(open) != '('
                ? QuotedEnd(at, '"')
                : After(")" + code.Substring(at + 1, open - at - 1) + "\"", open + 1);
        }

        /// <summary>Index of the opening quote after a C# string prefix of <c>$</c> and <c>@</c>, or 0.</summary>
        private readonly int CSharpPrefixEnd(int at)
        {
            int i = at;
            while (At(i) is '$' or '@' && i - at < 16)
            {
                i++;
            }

            return At(i) == '"' ? i : 0;
        }

        private readonly int CSharpStringEnd(int at, int depth)
        {
            int quote = at;
            int dollars = 0;
            bool verbatim = false;
            for (; code[quote] != '"'; quote++)
            {
                dollars += code[quote] == '$' ? 1 : 0;
                verbatim |= code[quote] == '@';
            }

            int quotes = 1;
            while (At(quote + quotes) == '"')
            {
                quotes++;
            }

            if (quotes >= 3 && !verbatim)
            {
                int closing = code.AsSpan(quote + quotes).IndexOf(new string('"', quotes), StringComparison.Ordinal);
                if (closing < 0)
                {
                    return code.Length;
                }

                int end = quote + quotes + closing + quotes;
                while (At(end) == '"')
                {
                    end++;
                }

                return end;
            }

            for (int i = quote + 1; i < code.Length; i++)
            {
                char c = code[i];
                if (c == '"')
                {
                    if (!verbatim || At(i + 1) != '"')
                    {
                        return i + 1;
                    }

                    i++;
                }
                else if (c == '\n' && !verbatim)
                {
                    return code[i - 1] == '\r' ? i - 1 : i;
                }
                else if (c == '\\' && !verbatim && At(i + 1) != '\n' && At(i + 1) != '\r')
                {
                    i++;
                }
                else if (c == '{' && dollars > 0)
                {
                    i = At(i + 1) == '{' ? i + 1 : HoleEnd(i, depth, verbatim) - 1;
                }
            }

            return code.Length;
        }

        /// <summary>Index after the brace that closes the hole of an interpolated string, or the line's end where it stays open.</summary>
        private readonly int HoleEnd(int at, int depth, bool manyLines)
        {
            int open = 0;
            for (int i = at; i < code.Length; i++)
            {
                switch (code[i])
                {
                    case '{':
                        open++;
                        break;
                    case '}':
                        if (--open == 0)
                        {
                            return i + 1;
                        }

                        break;
                    case '\n' when !manyLines:
                        return i;
                    case '\'' when At(i + 2) == '\'':
                        i += 2;
                        break;
                    case '\\' when language == Language.JavaScript:
                        i++;
                        break;
                    case '`' when language == Language.JavaScript:
                        if (depth >= MaximumNesting)
                        {
                            return i;
                        }

                        i = TemplateEnd(i, depth + 1) - 1;
                        break;
                    case '"' or '\'' when language == Language.JavaScript:
                        i = QuotedEnd(i, code[i]) - 1;
                        break;
                    case '/' when language == Language.JavaScript && At(i + 1) == '*':
                        i = After("*/", i + 2) - 1;
                        break;
                    case '"' or '$' or '@' when language == Language.CSharp && (code[i] == '"' || CSharpPrefixEnd(i) > 0):
                        if (depth >= MaximumNesting)
                        {
                            return i;
                        }

                        i = CSharpStringEnd(i, depth + 1) - 1;
                        break;
                }
            }

            return code.Length;
        }

        private readonly int TemplateEnd(int at, int depth)
        {
            for (int i = at + 1; i < code.Length; i++)
            {
                switch (code[i])
                {
                    case '`':
                        return i + 1;
                    case '\\':
                        i++;
                        break;
                    case '$' when At(i + 1) == '{':
                        i = HoleEnd(i + 1, depth, manyLines: true) - 1;
                        break;
                }
            }

            return code.Length;
        }

        /// <summary>A slash begins a regular expression where no value can end before it.</summary>
        private readonly bool RegexMayStart()
        {
            for (int i = tokens.Count - 1; i >= 0; i--)
            {
                CodeToken last = tokens[i];
                switch (last.Kind)
                {
                    case CodeTokenKind.Comment:
                        continue;
                    case CodeTokenKind.Identifier or CodeTokenKind.Number or CodeTokenKind.String or CodeTokenKind.Character:
                        return false;
                    case CodeTokenKind.Keyword:
                        return last.Text(code) is not ("this" or "super" or "null" or "true" or "false");
                    case CodeTokenKind.Operator:
                        return last.Text(code) is not ("++" or "--");
                    default:
                        return code[last.Start] is not (')' or ']' or '}');
                }
            }

            return true;
        }

        private int RegexEnd(int at)
        {
            if (at < _noRegexBefore)
            {
                return 0;
            }

            bool set = false;
            int i = at + 1;
            for (; i < code.Length && code[i] != '\n'; i++)
            {
                switch (code[i])
                {
                    case '\\' when At(i + 1) != '\n':
                        i++;
                        break;
                    case '[':
                        set = true;
                        break;
                    case ']':
                        set = false;
                        break;
                    case '/' when !set:
                        i++;
                        while (i < code.Length && char.IsAsciiLetter(code[i]))
                        {
                            i++;
                        }

                        return i;
                }
            }

            // Remembering that this line closes none keeps a line of many slashes linear.
            _noRegexBefore = i;
            return 0;
        }

        /// <summary>A directive and its continuation lines; comments inside are tokens of their own.</summary>
        private void Directive()
        {
            while (_position < code.Length)
            {
                int end = _position;
                bool quoted = false;
                int trimmed = _position;
                while (end < code.Length)
                {
                    char c = code[end];
                    if (c == '\n')
                    {
                        break;
                    }

                    if (c == '"')
                    {
                        quoted = !quoted;
                    }
                    else if (c == '/' && !quoted && At(end + 1) is '/' or '*')
                    {
                        break;
                    }
                    else if (c == '\\' && language != Language.CSharp)
                    {
                        // Skips an escaped quote as well as a continued line.
                        end += At(end + 1) == '\r' && At(end + 2) == '\n' ? 2 : 1;
                        end = Math.Min(end, code.Length - 1);
                    }

                    end++;
                    if (!char.IsWhiteSpace(c))
                    {
                        trimmed = end;
                    }
                }

                if (trimmed > _position)
                {
                    Add(CodeTokenKind.Preprocessor, trimmed);
                }

                while (_position < end && _position < code.Length && code[_position] != '\n')
                {
                    _position++;
                }

                if (At(_position) != '/')
                {
                    break;
                }

                Add(CodeTokenKind.Comment, At(_position + 1) == '/' ? CommentLineEnd(_position) : After("*/", _position + 2));
                while (_position < code.Length && code[_position] != '\n' && char.IsWhiteSpace(code[_position]))
                {
                    _position++;
                }

                if (At(_position) is '\n' or '\0')
                {
                    break;
                }
            }
        }
    }
}
