namespace Apprentice.Tokenizers;

/// <summary>Everything that makes a byte-level BPE tokenizer, as read from files or made by training.</summary>
public sealed record BpeVocabulary
{
    /// <summary>Path or name for messages.</summary>
    public string Source { get; init; } = "byte-level BPE in memory";

    /// <summary>Vocabulary spelling of each id. Ids of added tokens that the model does not know follow at the end.</summary>
    public required IReadOnlyList<string> Tokens { get; init; }

    /// <summary>Pairs in the order of their rank; each side and the joined text are tokens.</summary>
    public required IReadOnlyList<(string Left, string Right)> Merges { get; init; }

    /// <summary>Tokens found as a whole; their ids lie in <see cref="Tokens"/>.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    /// <summary>How the text is cut before merging. Default GPT-2's pattern.</summary>
    public SplitPattern Split { get; init; } = SplitPattern.Gpt2;

    /// <summary>Whether a space is put before a text that has none. Default false, as in RoBERTa.</summary>
    public bool AddPrefixSpace { get; init; }

    /// <summary>Whether spaces at both ends of a token are left out of its span. Default true, as in RoBERTa.</summary>
    public bool TrimOffsets { get; init; } = true;

    /// <summary>Whether trimming leaves the first space of the text to its token, as the original library does when its post-processor thinks that the space was put in. Default false.</summary>
    public bool TrimKeepsFirstSpace { get; init; }

    /// <summary>Whether a piece that is a token is taken without merging. Default false; true for Llama 3.</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>Id for a byte that the vocabulary lacks; null (default) when it lacks none.</summary>
    public int? UnknownId { get; init; }

    /// <summary>Whether neighbouring unknown bytes become one token. Default false.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>The special tokens put around a text.</summary>
    public SpecialTokenFrame Frame { get; init; } = SpecialTokenFrame.None;

    /// <summary>Names of the special tokens by role: keys <c>bos_token</c>, <c>eos_token</c>, <c>pad_token</c>, <c>unk_token</c>, <c>mask_token</c>, <c>cls_token</c>, <c>sep_token</c>, as in special_tokens_map.json.</summary>
    public IReadOnlyDictionary<string, string> Roles { get; init; } = new Dictionary<string, string>();
}
