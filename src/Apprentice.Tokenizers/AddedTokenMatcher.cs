using System.Globalization;
using System.Text;

namespace Apprentice.Tokenizers;

/// <summary>A stretch of the input: an added token, or text between added tokens.</summary>
/// <param name="Start">First character.</param>
/// <param name="End">Character after the last.</param>
/// <param name="Id">The added token's id, or −1 for text.</param>
internal readonly record struct Segment(int Start, int End, int Id);

/// <summary>Cuts a text at added tokens, leftmost and longest first.</summary>
/// <remarks>Equal to the original library's AddedVocabulary, also where a token that is to be ignored hides one that overlaps it.</remarks>
internal sealed class AddedTokenMatcher
{
    // Two passes: tokens searched in the raw text, then those searched in the normalised rest.
    private readonly Pass _raw;
    private readonly Pass _normalized;

    public AddedTokenMatcher(IEnumerable<AddedToken> tokens)
    {
        AddedToken[] all = [.. tokens];
        _raw = new Pass(all.Where(t => !t.Normalized));
        _normalized = new Pass(all.Where(t => t.Normalized));
    }

    /// <summary>The segments of a text in order; they cover it without gaps.</summary>
    public List<Segment> Split(string text, bool specialsAreText)
    {
        List<Segment> first = [];
        _raw.Split(text, 0, text.Length, specialsAreText, first);
        if (_normalized.IsEmpty)
        {
            return first;
        }

        List<Segment> second = [];
        foreach (Segment segment in first)
        {
            if (segment.Id >= 0)
            {
                second.Add(segment);
            }
            else
            {
                _normalized.Split(text, segment.Start, segment.End, specialsAreText, second);
            }
        }

        return second;
    }

    private sealed class Pass
    {
        // Longest first among the tokens that start with the same character.
        private readonly Dictionary<char, AddedToken[]> _byFirst;
        private readonly System.Buffers.SearchValues<char>? _starts;

        public Pass(IEnumerable<AddedToken> tokens)
        {
            _byFirst = tokens.Where(t => t.Content.Length > 0).GroupBy(t => t.Content[0])
                .ToDictionary(g => g.Key, g => g.OrderByDescending(t => t.Content.Length).ToArray());
            _starts = _byFirst.Count == 0 ? null : System.Buffers.SearchValues.Create([.. _byFirst.Keys]);
        }

        public bool IsEmpty => _starts is null;

        public void Split(string text, int start, int end, bool specialsAreText, List<Segment> into)
        {
            int done = start;
            int position = start;
            while (_starts is not null && position < end)
            {
                int step = text.AsSpan(position, end - position).IndexOfAny(_starts);
                if (step < 0)
                {
                    break;
                }

                position += step;
                AddedToken? token = Longest(text.AsSpan(position, end - position));
                if (token is null)
                {
                    position++;
                    continue;
                }

                int tokenStart = position;
                int tokenEnd = position + token.Content.Length;
                position = tokenEnd;
                if ((specialsAreText && token.Special) || (token.SingleWord && TouchesWord(text, start, end, tokenStart, tokenEnd)))
                {
                    continue;
                }

                while (token.StripLeft && tokenStart > done && char.IsWhiteSpace(text[tokenStart - 1]))
                {
                    tokenStart--;
                }

                while (token.StripRight && tokenEnd < end && char.IsWhiteSpace(text[tokenEnd]))
                {
                    tokenEnd++;
                }

                // The token before may have swallowed spaces up to here, but never this token itself unless it starts with a space.
                tokenStart = Math.Max(tokenStart, done);
                tokenEnd = Math.Max(tokenEnd, tokenStart);
                if (tokenStart > done)
                {
                    into.Add(new Segment(done, tokenStart, -1));
                }

                into.Add(new Segment(tokenStart, tokenEnd, token.Id));
                done = tokenEnd;
            }

            if (done < end)
            {
                into.Add(new Segment(done, end, -1));
            }
        }

        private AddedToken? Longest(ReadOnlySpan<char> text)
        {
            foreach (AddedToken token in _byFirst[text[0]])
            {
                if (text.StartsWith(token.Content, StringComparison.Ordinal))
                {
                    return token;
                }
            }

            return null;
        }

        private static bool TouchesWord(string text, int start, int end, int tokenStart, int tokenEnd)
        {
            if (tokenStart > start)
            {
                Rune.DecodeLastFromUtf16(text.AsSpan(start, tokenStart - start), out Rune before, out _);
                if (IsWord(before))
                {
                    return true;
                }
            }

            if (tokenEnd < end)
            {
                Rune.DecodeFromUtf16(text.AsSpan(tokenEnd, end - tokenEnd), out Rune after, out _);
                return IsWord(after);
            }

            return false;
        }

        // \w of Unicode: alphabetic, mark, decimal number, connector punctuation, joiner.
        private static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber
                or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
                or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation => true,
            _ => rune.Value is 0x200C or 0x200D,
        };
    }
}
