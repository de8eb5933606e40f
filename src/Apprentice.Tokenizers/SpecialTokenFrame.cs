namespace Apprentice.Tokenizers;

/// <summary>One place of a frame: a special token, or the first or second text.</summary>
/// <param name="Id">Special token id, or −1 for a text.</param>
/// <param name="Text">0 for the first text, 1 for the second; meaningless for a special token.</param>
/// <param name="Type">Type id given to the tokens here.</param>
public readonly record struct FramePlace(int Id, int Text, int Type)
{
    /// <summary>A special token.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="type">Type id.</param>
    public static FramePlace Token(int id, int type = 0) => new(id, -1, type);

    /// <summary>A text.</summary>
    /// <param name="text">0 or 1.</param>
    /// <param name="type">Type id.</param>
    public static FramePlace Content(int text, int type = 0) => new(-1, text, type);
}

/// <summary>The special tokens that a model expects around one text and around a pair, and the cutting to a length that goes with them.</summary>
/// <param name="Single">Places for one text.</param>
/// <param name="Pair">Places for two.</param>
public sealed record SpecialTokenFrame(IReadOnlyList<FramePlace> Single, IReadOnlyList<FramePlace> Pair)
{
    /// <summary>No special tokens; the second text has type 1, as the original library does without a post-processor.</summary>
    public static SpecialTokenFrame None { get; } = new([FramePlace.Content(0)], [FramePlace.Content(0), FramePlace.Content(1, 1)]);

    /// <summary>RoBERTa's: <c>&lt;s&gt; A &lt;/s&gt;</c> and <c>&lt;s&gt; A &lt;/s&gt; &lt;/s&gt; B &lt;/s&gt;</c>, all type 0.</summary>
    /// <param name="start">Id of <c>&lt;s&gt;</c>.</param>
    /// <param name="end">Id of <c>&lt;/s&gt;</c>.</param>
    public static SpecialTokenFrame Roberta(int start, int end) => new(
        [FramePlace.Token(start), FramePlace.Content(0), FramePlace.Token(end)],
        [FramePlace.Token(start), FramePlace.Content(0), FramePlace.Token(end), FramePlace.Token(end), FramePlace.Content(1), FramePlace.Token(end)]);

    internal TokenizedText Apply(TokenizedText first, TokenizedText? second, EncodeOptions options, Action<TokenizedText> finish)
    {
        SpecialTokenFrame frame = options.AddSpecialTokens ? this : None;
        IReadOnlyList<FramePlace> places = second is null ? frame.Single : frame.Pair;
        if (options.MaximumLength is int maximum)
        {
            (first, second) = Cut(first, second, maximum - Added(places), maximum, options.Truncation);
        }

        finish(first);
        if (second is not null)
        {
            finish(second);
        }

        return Join(places, first, second);
    }

    internal List<TokenizedText> Windows(TokenizedText text, int stride, EncodeOptions options, Action<TokenizedText> finish)
    {
        if (options.MaximumLength is not int maximum)
        {
            throw new ArgumentException("Windows need EncodeOptions.MaximumLength, the number of tokens in one window.", nameof(options));
        }

        IReadOnlyList<FramePlace> places = options.AddSpecialTokens ? Single : None.Single;
        int room = maximum - Added(places);
        if (room <= 0 || stride < 0 || stride >= room)
        {
            throw new ArgumentException(
                $"A window of {maximum} tokens has room for {room} tokens of text; a stride of {stride} must be at least 0 and less than that.", nameof(stride));
        }

        List<TokenizedText> windows = [];
        for (int start = 0; ; start += room - stride)
        {
            int count = Math.Min(room, text.Count - start);
            // Nothing is dropped over all windows, so no window reports a loss.
            TokenizedText window = text.Slice(start, count) with { Dropped = 0 };
            finish(window);
            windows.Add(Join(places, window, null));
            if (start + count >= text.Count)
            {
                return windows;
            }
        }
    }

    private static int Added(IReadOnlyList<FramePlace> places) => places.Count(p => p.Id >= 0);

    /// <summary>Cuts as truncate_encodings of the original library does.</summary>
    private static (TokenizedText First, TokenizedText? Second) Cut(TokenizedText first, TokenizedText? second, int room, int maximum, Truncation truncation)
    {
        if (room < 0)
        {
            throw new ArgumentException($"A length of {maximum} tokens is less than the special tokens alone need.", nameof(maximum));
        }

        int excess = first.Count + (second?.Count ?? 0) - room;
        if (excess <= 0)
        {
            return (first, second);
        }

        if (truncation == Truncation.LongestFirst)
        {
            if (second is null)
            {
                return (first.Slice(0, room), null);
            }

            int shorter = Math.Min(first.Count, second.Count);
            int longer = shorter > room ? shorter : Math.Max(shorter, room - shorter);
            if (shorter + longer > room)
            {
                shorter = room / 2;
                longer = shorter + (room % 2);
            }

            bool swap = first.Count > second.Count;
            return (first.Slice(0, swap ? longer : shorter), second.Slice(0, swap ? shorter : longer));
        }

        bool cutFirst = truncation == Truncation.OnlyFirst;
        TokenizedText target = cutFirst ? first : second ?? throw new ArgumentException("There is no second text to cut.", nameof(truncation));
        if (target.Count <= excess)
        {
            throw new ArgumentException(
                $"The {(cutFirst ? "first" : "second")} text has {target.Count} tokens; {excess} would have to go for a length of {maximum}.", nameof(truncation));
        }

        TokenizedText cut = target.Slice(0, target.Count - excess);
        return cutFirst ? (cut, second) : (first, cut);
    }

    private static TokenizedText Join(IReadOnlyList<FramePlace> places, TokenizedText first, TokenizedText? second)
    {
        int count = 0;
        foreach (FramePlace place in places)
        {
            count += place.Id >= 0 ? 1 : Source(place).Count;
        }

        if (places.Count == 1 && places[0] is { Text: 0, Type: 0 })
        {
            return first;
        }

        var ids = new int[count];
        var starts = new int[count];
        var ends = new int[count];
        var types = new int[count];
        var special = new bool[count];
        int at = 0;
        foreach (FramePlace place in places)
        {
            if (place.Id >= 0)
            {
                ids[at] = place.Id;
                types[at] = place.Type;
                special[at++] = true;
                continue;
            }

            TokenizedText source = Source(place);
            source.Ids.CopyTo(ids, at);
            source.Starts.CopyTo(starts, at);
            source.Ends.CopyTo(ends, at);
            types.AsSpan(at, source.Count).Fill(place.Type);
            at += source.Count;
        }

        return new TokenizedText(ids, starts, ends, types, special, first.Dropped + (second?.Dropped ?? 0));

        TokenizedText Source(FramePlace place) => place.Text == 0 ? first
            : second ?? throw new InvalidOperationException("The frame for one text names a second one.");
    }
}
