using System.Collections.Frozen;
using System.Globalization;

namespace Apprentice.Code;

internal sealed partial class MutationSites
{
    private static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> s_counterparts = Counterparts();

    private static FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Counterparts()
    {
        string[] pairs =
        [
            "min max", "Min Max", "first last", "First Last", "start end", "Start End", "begin end", "startsWith endsWith", "StartsWith EndsWith",
            "startswith endswith", "indexOf lastIndexOf", "IndexOf LastIndexOf", "floor ceil", "Floor Ceiling", "add remove", "Add Remove", "append extend",
            "upper lower", "toUpperCase toLowerCase", "ToUpper ToLower", "ToUpperInvariant ToLowerInvariant", "left right", "Left Right", "any all", "Any All",
            "head tail", "row col", "rows cols", "width height", "Width Height", "push unshift", "shift pop", "some every", "find rfind", "lstrip rstrip",
            "TrimStart TrimEnd", "trimStart trimEnd", "keys values", "Keys Values", "Key Value", "getKey getValue", "getFirst getLast", "source target",
            "from to", "read write", "Read Write", "src dst", "lo hi", "low high", "prev next", "ceil round", "union intersection", "bisect_left bisect_right",
            "HasPrefix HasSuffix", "Lock Unlock", "RLock RUnlock", "Enter Exit", "open close", "encode decode", "Encode Decode", "pop popleft",
            "Exception ArgumentException", "x y", "i j", "lower_bound upper_bound", "addFirst addLast", "pollFirst pollLast", "isEmpty isPresent", "push_back pop_back",
        ];
        Dictionary<string, string> map = new(StringComparer.Ordinal);
        foreach (string pair in pairs)
        {
            string[] sides = pair.Split(' ');
            map.TryAdd(sides[0], sides[1]);
            map.TryAdd(sides[1], sides[0]);
        }

        return map.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    private void CollectExpressions()
    {
        for (int i = 1; i < _text.Count; i++)
        {
            if (_text.IsKind(i, CodeTokenKind.Identifier) && _locals.IsMember(i) && !_text.Is(i - 1, "@"))
            {
                List<string> members = _text.Is(i + 1, '(') ? _calledMembers : _fields;
                if (members.Count < 64)
                {
                    members.Add(_text.Text(i).ToString());
                }
            }
        }

        List<string> names = [.. _locals.Names];
        for (int i = _bodyStart; i < _text.Count; i++)
        {
            switch (_text.Tokens[i].Kind)
            {
                case CodeTokenKind.Operator when !_generic[i]:
                    Operator(i);
                    break;
                case CodeTokenKind.Keyword:
                    Word(i);
                    break;
                case CodeTokenKind.Number:
                    Number(i);
                    break;
                case CodeTokenKind.String when _text.Tokens[i].Length is > 2 and < 60 && !_text.IsKind(i - 1, CodeTokenKind.String) && !_text.IsKind(i + 1, CodeTokenKind.String)
                        && (_code[_text.Tokens[i].Start] == '"' || _code[_text.Tokens[i].Start] == '\'') && !_text.Is(i - 1, "import") && !_text.Is(i + 1, ':'):
                    Replace(s_wrongConstant, i, new string(_code[_text.Tokens[i].Start], 2));
                    break;
                case CodeTokenKind.Identifier:
                    Identifier(i, names);
                    break;
                case CodeTokenKind.Punctuation when _text.Is(i, '('):
                    Arguments(i);
                    break;
            }
        }
    }

    private void Identifier(int i, List<string> names)
    {
        if (_locals.IsMember(i))
        {
            bool called = _text.Is(i + 1, '(');
            List<string> members = called ? _calledMembers : _fields;
            if (members.Count > 1 && !_text.Is(i - 1, "@") && !_text.Is(i - 1, "::"))
            {
                AddName(s_wrongMember, i, members);
            }

            if (s_counterparts.TryGetValue(_text.Text(i), out string? other))
            {
                Replace(s_counterpart, i, other);
            }

            return;
        }

        if (_text.Is(i + 1, '('))
        {
            if (s_counterparts.TryGetValue(_text.Text(i), out string? other) && !_locals.IsTyped(i))
            {
                Replace(s_counterpart, i, other);
            }

            return;
        }

        if (_text.Is(i, "True") || _text.Is(i, "False"))
        {
            return;
        }

        if (_locals.Use(i) >= 0 && !_locals.IsTyped(i) && !_text.Is(i + 1, ":=") && !IsLoopTarget(i))
        {
            if (names.Count > 1)
            {
                AddName(s_wrongVariable, i, names);
            }

            // An index by the variable alone: [i] becomes [i + 1].
            if (_text.Is(i - 1, '[') && _text.Is(i + 1, ']') && _text.IsWord(i - 2) && _text.Text(i).Length <= 5)
            {
                int end = _text.Tokens[i].End;
                Add(s_offByOne, end, end, " + 1");
                Add(s_offByOne, end, end, " - 1");
            }
        }
    }

    private bool IsLoopTarget(int i) => _text.Is(i + 1, "in") && (_text.Is(i - 1, "for") || _text.Is(i - 1, ',')) || _text.Is(i - 1, "as") || _text.Is(i - 1, "for");

    private void Operator(int i)
    {
        ReadOnlySpan<char> text = _text.Text(i);
        switch (text)
        {
            case "<":
                Replace(s_comparison, i, "<=");
                Replace(s_comparison, i, ">");
                break;
            case "<=":
                Replace(s_comparison, i, "<");
                Replace(s_comparison, i, ">=");
                break;
            case ">":
                Replace(s_comparison, i, ">=");
                Replace(s_comparison, i, "<");
                break;
            case ">=":
                Replace(s_comparison, i, ">");
                Replace(s_comparison, i, "<=");
                break;
            case "==":
                Replace(s_comparison, i, "!=");
                break;
            case "!=":
                Replace(s_comparison, i, "==");
                break;
            case "===":
                Replace(s_comparison, i, "!==");
                break;
            case "!==":
                Replace(s_comparison, i, "===");
                break;
            case "&&":
                Replace(s_boolean, i, "||");
                Operands(i);
                break;
            case "||":
                Replace(s_boolean, i, "&&");
                Operands(i);
                break;
            case "!" when _text.IsWord(i + 1) || _text.Is(i + 1, '('):
                Replace(s_droppedNegation, i, "");
                break;
            case "+=":
                Replace(s_assignment, i, "-=");
                Replace(s_assignment, i, "=");
                break;
            case "-=":
                Replace(s_assignment, i, "+=");
                Replace(s_assignment, i, "=");
                break;
            case "*=" or "/=" or "|=" or "&=" or "//=" or "%=" or "^=":
                Replace(s_assignment, i, "=");
                break;
            case "++" when Ends(i - 1) || _text.IsWord(i + 1):
                Replace(s_arithmetic, i, "--");
                break;
            case "--" when Ends(i - 1) || _text.IsWord(i + 1):
                Replace(s_arithmetic, i, "++");
                break;
            case "<<" when _language is Language.C or Language.Java or Language.Go or Language.CSharp && Binary(i):
                Replace(s_arithmetic, i, ">>");
                break;
            case ">>" when _language is Language.C or Language.Java or Language.Go or Language.CSharp && Binary(i):
                Replace(s_arithmetic, i, "<<");
                break;
            case "+" or "-" or "*" or "/" or "%" or "//" when Binary(i):
                Arithmetic(i, text);
                break;
            case "&" when Binary(i) && Spaced(i):
                Replace(s_arithmetic, i, "|");
                break;
            case "|" when Binary(i) && Spaced(i):
                Replace(s_arithmetic, i, "&");
                break;
        }
    }

    private void Arithmetic(int i, ReadOnlySpan<char> text)
    {
        if (_text.IsKind(i - 1, CodeTokenKind.String) || _text.IsKind(i + 1, CodeTokenKind.String))
        {
            return;
        }

        string other = text switch { "+" => "-", "-" => "+", "*" => _language == Language.Python ? "+" : "/", "/" => _language == Language.Python ? "//" : "*", "%" => "/", _ => "/" };
        if (text is "*" && _language is Language.C or Language.Cpp or Language.Go && (!SameSpacing(i) || StatementStart(i - 1)))
        {
            return;
        }

        Replace(s_arithmetic, i, other);
        if (text is "+" or "-" && _text.Is(i + 1, "1") && Closes(i + 2) && Ends(i - 1))
        {
            Add(s_offByOne, _text.Tokens[i - 1].End, _text.Tokens[i + 1].End, "");
        }
    }

    /// <summary>A value ends before the operator and one begins behind it.</summary>
    private bool Binary(int i) => Ends(i - 1) && i + 1 < _text.Count
        && (_text.IsKind(i + 1, CodeTokenKind.Identifier) || _text.IsKind(i + 1, CodeTokenKind.Number) || _text.Is(i + 1, '(') || _text.IsKind(i + 1, CodeTokenKind.String))
        && !(_text.Is(i - 1, ')') && IsCast(i - 1));

    private bool IsCast(int close) => _text.Match[close] is var open && open == close - 2 && !_text.IsKind(open - 1, CodeTokenKind.Identifier)
        && _language is not (Language.Python or Language.Go or Language.JavaScript);

    private bool Ends(int i) => _text.IsKind(i, CodeTokenKind.Identifier) || _text.IsKind(i, CodeTokenKind.Number) || _text.Is(i, ')') || _text.Is(i, ']')
        || _text.Is(i, "this");

    private bool Closes(int i) => _text.Is(i, ')') || _text.Is(i, ']') || _text.Is(i, ';') || _text.Is(i, ',') || _text.Is(i, ':') || i >= _text.Count
        || _text.Tokens[i].Line > _text.Tokens[i - 1].Line;

    private bool Spaced(int i) => _text.Tokens[i].Start > _text.Tokens[i - 1].End && i + 1 < _text.Count && _text.Tokens[i + 1].Start > _text.Tokens[i].End;

    private bool SameSpacing(int i) =>
        i + 1 < _text.Count && (_text.Tokens[i].Start > _text.Tokens[i - 1].End) == (_text.Tokens[i + 1].Start > _text.Tokens[i].End);

    private bool StatementStart(int i) => i <= 0 || _text.Is(i - 1, ';') || _text.Is(i - 1, '{') || _text.Is(i - 1, '}') || _text.Is(i - 1, '(') || _text.Is(i - 1, ',')
        || _text.Is(i - 1, "const") || _text.Is(i - 1, "struct");

    private void Word(int i)
    {
        ReadOnlySpan<char> text = _text.Text(i);
        switch (text)
        {
            case "true":
                Replace(s_wrongConstant, i, "false");
                break;
            case "false":
                Replace(s_wrongConstant, i, "true");
                break;
            case "True":
                Replace(s_wrongConstant, i, "False");
                break;
            case "False":
                Replace(s_wrongConstant, i, "True");
                break;
            case "and":
                Replace(s_boolean, i, "or");
                Operands(i);
                break;
            case "or":
                Replace(s_boolean, i, "and");
                Operands(i);
                break;
            case "not" when _language == Language.Python && _text.Is(i + 1, "in"):
                Add(s_comparison, _text.Tokens[i].Start, _text.Tokens[i + 1].Start, "");
                break;
            case "not" when _language == Language.Python && !_text.Is(i - 1, "is"):
                if (i + 1 < _text.Count)
                {
                    Add(s_droppedNegation, _text.Tokens[i].Start, _text.Tokens[i + 1].Start, "");
                }

                break;
            case "is" when _language == Language.Python && i + 1 < _text.Count:
                Replace(s_comparison, i, _text.Is(i + 1, "not") ? "==" : "is not");
                if (_text.Is(i + 1, "not"))
                {
                    Add(s_comparison, _text.Tokens[i + 1].Start, _text.Tokens[i + 1].End, "");
                }

                break;
            case "in" when _language == Language.Python && !_text.Is(i - 1, "not") && InCondition(i):
                Replace(s_comparison, i, "not in");
                break;
            case "if" or "while" or "elif":
                Condition(i);
                break;
            case "await" when i + 1 < _text.Count && (_text.IsWord(i + 1) || _text.Is(i + 1, '(')) && !_text.Is(i + 1, "foreach") && !_text.Is(i + 1, "using")
                    && !_text.Is(i - 1, "for"):
                Add(s_droppedAwait, _text.Tokens[i].Start, _text.Tokens[i + 1].Start, "");
                break;
            case "else" when _text.Is(i + 1, "if") && _text.Tokens[i].Line == _text.Tokens[i + 1].Line && _language != Language.Go:
                Add(s_droppedElse, _text.Tokens[i].Start, _text.Tokens[i + 1].Start, "");
                break;
            case "break" when _text.Is(i + 1, ';') || _language is Language.Python or Language.Go:
                Replace(s_loopExit, i, "continue");
                break;
            case "continue" when _text.Is(i + 1, ';') || _language is Language.Python or Language.Go:
                Replace(s_loopExit, i, "break");
                break;
            case "return":
                Return(i);
                break;
        }

        if (text is "elif")
        {
            Replace(s_droppedElse, i, "if");
        }
    }

    /// <summary>True for an <c>in</c> that tests membership: its logical line has <c>if</c>, <c>while</c>, <c>return</c> and the like nearer than a <c>for</c>.</summary>
    private bool InCondition(int i)
    {
        for (int k = i - 1; k >= _bodyStart && k > i - 30; k--)
        {
            if (_text.IsKind(k, CodeTokenKind.Keyword))
            {
                return _text.Text(k) is "if" or "while" or "return" or "elif" or "and" or "or" or "assert";
            }
        }

        return false;
    }

    private void Condition(int i)
    {
        if (_language == Language.Python)
        {
            int end = ExpressionEnd(i + 1);
            if (end > i + 1 && _text.Is(end, ':') && (i == 0 || _text.Tokens[i - 1].Line < _text.Tokens[i].Line))
            {
                if (_text.Is(i + 1, "not"))
                {
                    return;
                }

                Negate(_text.Tokens[i + 1].Start, _text.Tokens[end - 1].End, "not ", "not (", end - i > 2 && Compound(i + 1, end));
            }

            return;
        }

        int open = i + 1;
        if (_text.Is(open, '(') && _language != Language.Go)
        {
            int close = _text.Close(open);
            if (close > open + 1 && _text.Is(close, ')'))
            {
                Negate(_text.Tokens[open + 1].Start, _text.Tokens[close - 1].End, "!", "!(", close > open + 2 && Compound(open + 1, close));
            }

            return;
        }

        if (_language == Language.Go)
        {
            int end = open;
            bool statement = false;
            while (end < _text.Count && !_text.Is(end, '{'))
            {
                statement |= _text.Is(end, ';') || _text.Is(end, ":=");
                end = _text.Is(end, '(') || _text.Is(end, '[') ? Math.Max(_text.Close(end), end) + 1 : end + 1;
            }

            if (!statement && end > open && end < _text.Count)
            {
                Negate(_text.Tokens[open].Start, _text.Tokens[end - 1].End, "!", "!(", end > open + 1 && Compound(open, end));
            }
        }
    }

    /// <summary>Whether a negation needs parentheses around the tokens.</summary>
    private bool Compound(int first, int end)
    {
        for (int i = first; i < end; i++)
        {
            if (_text.IsKind(i, CodeTokenKind.Operator) && _text.Text(i) is not ("!" or "->" or "?." or "::"))
            {
                return true;
            }

            if (_text.IsKind(i, CodeTokenKind.Keyword) && _text.Text(i) is "and" or "or" or "is" or "in" or "if" or "instanceof" or "as")
            {
                return true;
            }

            if (_text.Is(i, '('))
            {
                i = Math.Max(i, Math.Min(_text.Close(i), end - 1));
            }
        }

        return false;
    }

    private void Negate(int start, int end, string simple, string open, bool compound)
    {
        string condition = _code[start..end];
        if (condition.Contains('\n') || condition.StartsWith('!') && !compound)
        {
            return;
        }

        Add(s_negatedCondition, start, end, compound ? open + condition + ")" : simple + condition);
    }

    /// <summary>The token at which a Python expression that begins at another ends: a colon, comma, closing bracket or line end on its level.</summary>
    private int ExpressionEnd(int i)
    {
        for (; i < _text.Count; i++)
        {
            if (_text.Is(i, '(') || _text.Is(i, '[') || _text.Is(i, '{'))
            {
                int close = _text.Close(i);
                if (close <= i)
                {
                    return i;
                }

                i = close;
            }
            else if (_text.Is(i, ':') || _text.Is(i, ',') || _text.Is(i, ')') || _text.Is(i, ']') || _text.Is(i, '}') || _text.Is(i, ';'))
            {
                return i;
            }
        }

        return i;
    }

    private bool Delimits(int i) => i < 0 || i >= _text.Count || _text.Is(i, ';') || _text.Is(i, '{') || _text.Is(i, '}') || _text.Is(i, ',') || _text.Is(i, ':')
        || _text.Is(i, '(') || _text.Is(i, '[') || _text.Is(i, ')') || _text.Is(i, ']')
        || (_text.IsKind(i, CodeTokenKind.Operator) && _text.Text(i) is "&&" or "||" or "?" or "=" or "=>" or "->" or ":=" or "??" or "|=" or "&=" or "+=")
        || (_text.IsKind(i, CodeTokenKind.Keyword) && _text.Text(i) is "and" or "or" or "if" or "else" or "return" or "while" or "elif" or "assert" or "for" or "in" or "when" or "lambda" or "not");

    /// <summary>The operands of an "and" or "or", either of which may be missing.</summary>
    private void Operands(int i)
    {
        int end = i + 1;
        while (end < _text.Count && (!Delimits(end) || _text.Is(end, '(') || _text.Is(end, '[') || _text.Is(end, "in") || _text.Is(end, "not")))
        {
            if (_text.Is(end, '{') || (_language == Language.Python && _text.Tokens[end].Line > _text.Tokens[i].Line + 1))
            {
                return;
            }

            end = _text.Is(end, '(') || _text.Is(end, '[') ? Math.Max(_text.Close(end), end) + 1 : end + 1;
        }

        if (end > i + 1 && end < _text.Count && i > 0)
        {
            Add(s_droppedOperand, _text.Tokens[i - 1].End, _text.Tokens[end - 1].End, "");
        }

        int start = i - 1;
        while (start >= _bodyStart && (!Delimits(start) || _text.Is(start, ')') || _text.Is(start, ']') || _text.Is(start, "in") || _text.Is(start, "not")))
        {
            if ((_text.Is(start, ')') || _text.Is(start, ']')) && _text.Match[start] >= 0)
            {
                start = _text.Match[start];
            }

            start--;
        }

        if (start + 1 < i && start >= _bodyStart && i + 1 < _text.Count && (_text.Is(start, '(') || _text.Is(start, "if") || _text.Is(start, "return") || _text.Is(start, "&&") || _text.Is(start, "||")
            || _text.Is(start, "and") || _text.Is(start, "or") || _text.Is(start, "=") || _text.Is(start, "while")))
        {
            Add(s_droppedOperand, _text.Tokens[start + 1].Start, _text.Tokens[i + 1].Start, "");
        }
    }

    private void Number(int i)
    {
        ReadOnlySpan<char> text = _text.Text(i);
        if (text.Length <= 9 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value))
        {
            Replace(s_offByOne, i, (value + 1).ToString(CultureInfo.InvariantCulture));
            if (value > 0)
            {
                Replace(s_offByOne, i, (value - 1).ToString(CultureInfo.InvariantCulture));
                if (value > 2)
                {
                    Replace(s_wrongConstant, i, value % 10 == 0 ? (value / 10).ToString(CultureInfo.InvariantCulture) : (value * 10).ToString(CultureInfo.InvariantCulture));
                }
            }
        }
    }

    private void Return(int i)
    {
        int end = i + 1;
        bool list = false;
        while (end < _text.Count && !_text.Is(end, ';') && !_text.Is(end, '}'))
        {
            if (_language is Language.Python or Language.Go && _text.Tokens[end].Line > _text.Tokens[end - 1].Line && end > i + 1)
            {
                break;
            }

            if (end == i + 1 && _text.Tokens[end].Line > _text.Tokens[i].Line)
            {
                return;
            }

            list |= _text.Is(end, ',');
            end = _text.Is(end, '(') || _text.Is(end, '[') || _text.Is(end, '{') ? Math.Max(_text.Close(end), end) + 1 : end + 1;
        }

        if (end <= i + 1 || list)
        {
            return;
        }

        end = Math.Min(end, _text.Count);
        int start = _text.Tokens[i + 1].Start;
        int last = _text.Tokens[end - 1].End;
        ReadOnlySpan<char> value = _code.AsSpan(start, last - start);
        string none = _language switch { Language.Python => "None", Language.Go => "nil", Language.C => "0", Language.Cpp => "0", _ => "null" };
        if (!value.SequenceEqual(none) && value is not ("true" or "false" or "True" or "False") && !_text.IsKind(i + 1, CodeTokenKind.Number))
        {
            Add(s_wrongReturn, start, last, none);
        }
    }

    private void Arguments(int open)
    {
        // A call: a name before the parenthesis, and before that no type or keyword of a declaration.
        if (open < 1 || !_text.IsKind(open - 1, CodeTokenKind.Identifier))
        {
            return;
        }

        int before = open - 2;
        if (before >= 0 && !_locals.IsMember(open - 1) && (_text.IsKind(before, CodeTokenKind.Identifier) && _text.Tokens[before].Line == _text.Tokens[open].Line || _text.Is(before, "def") || _text.Is(before, "function")
            || _text.Is(before, "func") || _text.Is(before, ">") && _generic[before]))
        {
            return;
        }

        int close = _text.Close(open);
        if (_text.Is(close + 1, '{') || !_text.Is(close, ')'))
        {
            return;
        }

        int first = open + 1;
        int previous = -1;
        for (int i = open + 1; i <= close; i++)
        {
            if (i == close || (_text.Is(i, ',') && !_generic[i]))
            {
                if (previous >= 0 && i > first && first - 1 > previous)
                {
                    int a = _text.Tokens[previous].Start;
                    int aEnd = _text.Tokens[first - 2].End;
                    int b = _text.Tokens[first].Start;
                    int bEnd = _text.Tokens[i - 1].End;
                    if (!_code.AsSpan(a, aEnd - a).SequenceEqual(_code.AsSpan(b, bEnd - b)) && !Starred(previous) && !Starred(first) && !Named(previous) && !Named(first))
                    {
                        AddSwap(s_swappedArguments, a, aEnd, b, bEnd);
                    }
                }

                previous = i > first ? first : -1;
                first = i + 1;
            }
            else if (_text.Is(i, '(') || _text.Is(i, '[') || _text.Is(i, '{'))
            {
                i = Math.Max(i, Math.Min(_text.Close(i), close - 1));
            }
            else if (_text.Is(i, ';'))
            {
                return;
            }
        }
    }

    private bool Starred(int i) => _text.IsKind(i, CodeTokenKind.Operator) && _text.Text(i) is "*" or "**" or "..." or "<" or ">";

    private bool Named(int i) => _text.IsKind(i, CodeTokenKind.Identifier) && (_text.Is(i + 1, "=") || _text.Is(i + 1, ':') || _text.Is(i + 1, "<") || _text.Is(i + 1, ">"));
}
