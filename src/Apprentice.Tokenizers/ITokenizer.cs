namespace Apprentice.Tokenizers;

/// <summary>Turns text into token ids and back. Implementations are immutable and may be used from several threads at once.</summary>
public interface ITokenizer
{
    /// <summary>Number of ids; ids run from 0 to this minus one.</summary>
    int VocabularySize { get; }

    /// <summary>Id of the padding token.</summary>
    /// <exception cref="TokenizerException">The vocabulary has none; the same holds for the other named ids.</exception>
    int PadId { get; }

    /// <summary>Id of the token that starts a text (<c>&lt;s&gt;</c>, <c>[CLS]</c>).</summary>
    int StartId { get; }

    /// <summary>Id of the token that ends a text (<c>&lt;/s&gt;</c>, <c>[SEP]</c>).</summary>
    int EndId { get; }

    /// <summary>Id of the token that hides another one in masked language modelling.</summary>
    int MaskId { get; }

    /// <summary>Tokens of one text.</summary>
    /// <param name="text">Any text; lone surrogates count as U+FFFD.</param>
    /// <param name="options">Null for <see cref="EncodeOptions.Default"/>.</param>
    /// <exception cref="ArgumentException">The length limit cannot be kept, for example because the special tokens alone are longer.</exception>
    TokenizedText Encode(string text, EncodeOptions? options = null);

    /// <summary>Tokens of two texts in the model's frame for pairs.</summary>
    /// <param name="first">First text.</param>
    /// <param name="second">Second text.</param>
    /// <param name="options">Null for <see cref="EncodeOptions.Default"/>.</param>
    /// <exception cref="ArgumentException">The length limit cannot be kept.</exception>
    TokenizedText EncodePair(string first, string second, EncodeOptions? options = null);

    /// <summary>Tokens of a long text as overlapping windows, each in the model's frame; nothing is dropped.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="stride">Number of text tokens that a window shares with the one before it.</param>
    /// <param name="options"><see cref="EncodeOptions.MaximumLength"/> is the size of a window, special tokens included, and must be given.</param>
    /// <exception cref="ArgumentException">No length is given, or the stride leaves no room to move on.</exception>
    IReadOnlyList<TokenizedText> EncodeWindows(string text, int stride, EncodeOptions options);

    /// <summary>The text of some tokens. Bytes that are not UTF-8 (a character cut apart) become U+FFFD.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out; otherwise their names appear. Default false.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false);

    /// <summary>The id of a token in its vocabulary spelling (for byte-level BPE a space is <c>Ġ</c>); null when there is none.</summary>
    /// <param name="token">Vocabulary spelling.</param>
    int? IdOf(string token);

    /// <summary>The vocabulary spelling of an id.</summary>
    /// <param name="id">Token id.</param>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    string TokenOf(int id);
}
