using System.Text;
using System.Text.Json;

namespace Apprentice.Tokenizers;

/// <summary>Reads the parts of a byte-level BPE tokenizer from a folder.</summary>
/// <remarks>
/// Everything a file asks for is either done or refused by name, except <c>truncation</c> and <c>padding</c> of tokenizer.json:
/// lengths are the caller's decision here, see <see cref="EncodeOptions"/>.
/// </remarks>
internal static class BpeReader
{
    private const int MostTokens = 4_000_000;

    private const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private const string Qwen2Pattern = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Llama3Pattern = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly string[] _roles = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    public static BpeVocabulary Read(string folder)
    {
        string json = Path.Combine(folder, "tokenizer.json");
        if (File.Exists(json))
        {
            return ReadTokenizerJson(json, folder);
        }

        string vocab = Path.Combine(folder, "vocab.json");
        string merges = Path.Combine(folder, "merges.txt");
        if (File.Exists(vocab) && File.Exists(merges))
        {
            return ReadVocabularyAndMerges(vocab, merges, folder);
        }

        throw new TokenizerException(folder, "no tokenizer.json, and no vocab.json with merges.txt. A byte-level BPE tokenizer needs one of the two.");
    }

    /// <summary>The text of a split pattern as tokenizer.json spells it.</summary>
    public static string PatternOf(SplitPattern split) => split switch
    {
        SplitPattern.Gpt2 => Gpt2Pattern,
        SplitPattern.Qwen2 => Qwen2Pattern,
        SplitPattern.Llama3 => Llama3Pattern,
        _ => throw new ArgumentOutOfRangeException(nameof(split), split, "This way of cutting has no pattern."),
    };

    private static BpeVocabulary ReadTokenizerJson(string path, string folder)
    {
        using JsonDocument document = Parse(path);
        var file = new FileNode(path, "", document.RootElement);
        FileNode model = file.Object("model");
        model.Refuse(model.Text("type") is not ("BPE" or null), $"type '{model.Text("type")}' is not supported; this reader knows BPE");
        model.Refuse(model.Number("dropout") is > 0, $"dropout {model.Number("dropout")} is not supported; encoding must not be random");
        model.Refuse(model.Text("continuing_subword_prefix") is { Length: > 0 }, "continuing_subword_prefix is not supported");
        model.Refuse(model.Text("end_of_word_suffix") is { Length: > 0 }, "end_of_word_suffix is not supported");
        model.Refuse(model.Flag("byte_fallback") == true, "byte_fallback is not supported in byte-level BPE");

        Dictionary<string, int> vocab = Vocabulary(model.Object("vocab"));
        List<(string, string)> merges = Merges(model);
        List<AddedToken> added = AddedTokens(file, vocab);
        BpeVocabulary parts = new()
        {
            Source = path,
            Tokens = InOrder(path, vocab),
            Merges = merges,
            AddedTokens = added,
            IgnoreMerges = model.Flag("ignore_merges") ?? false,
            FuseUnknown = model.Flag("fuse_unk") ?? false,
            UnknownId = model.Text("unk_token") is { } unknown
                ? vocab.TryGetValue(unknown, out int id) ? id : throw model.Problem($"unk_token '{unknown}' is not in the vocabulary")
                : null,
            TrimOffsets = false,
        };
        if (file.Optional("normalizer") is { } normalizer)
        {
            throw normalizer.Problem($"type '{normalizer.Text("type")}' is not supported with byte-level BPE");
        }

        parts = WithPreTokenizer(parts, file);
        parts = WithPostProcessor(parts, file, vocab);
        FileNode decoder = file.Object("decoder");
        decoder.Refuse(decoder.Text("type") != "ByteLevel", $"type '{decoder.Text("type")}' is not supported with byte-level BPE; ByteLevel is");
        return parts with { Roles = Roles(folder, vocab) };
    }

    private static BpeVocabulary WithPreTokenizer(BpeVocabulary parts, FileNode file)
    {
        FileNode stage = file.Object("pre_tokenizer");
        List<FileNode> stages = stage.Text("type") == "Sequence" ? [.. stage.Array("pretokenizers")] : [stage];
        SplitPattern? split = null;
        bool byteLevel = false;
        foreach (FileNode one in stages)
        {
            string? type = one.Text("type");
            if (type == "Split" && split is null && !byteLevel)
            {
                string? pattern = one.Object("pattern").Text("Regex");
                split = pattern switch
                {
                    Gpt2Pattern => SplitPattern.Gpt2,
                    Qwen2Pattern => SplitPattern.Qwen2,
                    Llama3Pattern => SplitPattern.Llama3,
                    _ => throw one.Problem($"Split pattern {pattern ?? "(not a Regex)"} is not supported; the patterns of GPT-2, Qwen2 and Llama 3 are"),
                };
                one.Refuse(one.Text("behavior") != "Isolated" || one.Flag("invert") == true, $"Split behavior '{one.Text("behavior")}' is not supported; Isolated is");
            }
            else if (type == "ByteLevel" && !byteLevel)
            {
                byteLevel = true;
                bool pattern = one.Flag("use_regex") ?? true;
                one.Refuse(pattern && split is not null, "ByteLevel with use_regex after Split is not supported");
                split ??= pattern ? SplitPattern.Gpt2 : SplitPattern.None;
                bool prefix = one.Flag("add_prefix_space") ?? true;
                one.Refuse(prefix && stages.Count > 1, "add_prefix_space after Split is not supported");
                parts = parts with { AddPrefixSpace = prefix };
            }
            else
            {
                throw one.Problem($"type '{type}' is not supported here; ByteLevel, or Split and then ByteLevel, are");
            }
        }

        stage.Refuse(!byteLevel, "there is no ByteLevel stage");
        return parts with { Split = split!.Value }; // Set together with byteLevel.
    }

    private static BpeVocabulary WithPostProcessor(BpeVocabulary parts, FileNode file, Dictionary<string, int> vocab)
    {
        if (file.Optional("post_processor") is not { } stage)
        {
            return parts;
        }

        List<FileNode> stages = stage.Text("type") == "Sequence" ? [.. stage.Array("processors")] : [stage];
        bool framed = false;
        foreach (FileNode one in stages)
        {
            string? type = one.Text("type");
            switch (type)
            {
                case "ByteLevel":
                    parts = WithTrimming(parts, one);
                    continue;
                case "RobertaProcessing" when !framed:
                    parts = WithTrimming(parts, one) with { Frame = SpecialTokenFrame.Roberta(NamedId(one, "cls", vocab), NamedId(one, "sep", vocab)) };
                    break;
                case "TemplateProcessing" when !framed:
                    parts = parts with { Frame = new SpecialTokenFrame(Template(one, "single", 1), Template(one, "pair", 2)) };
                    break;
                default:
                    throw one.Problem($"type '{type}' is not supported{(framed ? " after another that adds tokens" : "")}; ByteLevel, RobertaProcessing and TemplateProcessing are");
            }

            framed = true;
        }

        return parts;
    }

    private static BpeVocabulary WithTrimming(BpeVocabulary parts, FileNode stage)
    {
        bool trim = stage.Flag("trim_offsets") ?? true;
        stage.Refuse(trim && parts.TrimOffsets, "trimming offsets twice is not supported");
        return trim ? parts with { TrimOffsets = true, TrimKeepsFirstSpace = stage.Flag("add_prefix_space") ?? true } : parts;
    }

    private static int NamedId(FileNode stage, string name, Dictionary<string, int> vocab)
    {
        List<FileNode> pair = [.. stage.Array(name)];
        stage.Refuse(pair.Count != 2, $"{name} must be a token and its id");
        string token = pair[0].AsText();
        int id = pair[1].AsInt();
        stage.Refuse(!vocab.TryGetValue(token, out int known) || known != id, $"{name} token '{token}' has id {id} here and {(vocab.TryGetValue(token, out int other) ? other : "none")} in the vocabulary");
        return id;
    }

    private static List<FramePlace> Template(FileNode stage, string name, int texts)
    {
        FileNode tokens = stage.Object("special_tokens");
        List<FramePlace> places = [];
        foreach (FileNode place in stage.Array(name))
        {
            if (place.Optional("Sequence") is { } sequence)
            {
                string? which = sequence.Text("id");
                sequence.Refuse(which is not ("A" or "B") || (which == "B" && texts == 1), $"sequence '{which}' is not possible in '{name}'");
                places.Add(FramePlace.Content(which == "B" ? 1 : 0, sequence.Object("type_id").AsInt()));
            }
            else
            {
                FileNode special = place.Object("SpecialToken");
                string token = special.Object("id").AsText();
                int type = special.Object("type_id").AsInt();
                foreach (FileNode id in tokens.Object(token).Array("ids"))
                {
                    places.Add(FramePlace.Token(id.AsInt(), type));
                }
            }
        }

        return places;
    }

    private static List<AddedToken> AddedTokens(FileNode file, Dictionary<string, int> vocab)
    {
        List<AddedToken> added = [];
        if (file.Optional("added_tokens") is null)
        {
            return added;
        }

        foreach (FileNode one in file.Array("added_tokens"))
        {
            AddedToken token = new(one.Object("id").AsInt(), one.Object("content").AsText())
            {
                Special = one.Flag("special") ?? false,
                SingleWord = one.Flag("single_word") ?? false,
                StripLeft = one.Flag("lstrip") ?? false,
                StripRight = one.Flag("rstrip") ?? false,
                Normalized = one.Flag("normalized") ?? false,
            };
            one.Refuse(vocab.TryGetValue(token.Content, out int known) && known != token.Id, $"added token '{token.Content}' has id {token.Id} here and {known} in the vocabulary");
            vocab[token.Content] = token.Id;
            added.Add(token);
        }

        return added;
    }

    private static Dictionary<string, int> Vocabulary(FileNode vocab)
    {
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        foreach ((string token, FileNode id) in vocab.Members())
        {
            ids.Add(token, id.AsInt());
        }

        return ids;
    }

    private static string[] InOrder(string path, Dictionary<string, int> vocab)
    {
        if (vocab.Count is 0 or > MostTokens)
        {
            throw new TokenizerException(path, $"the vocabulary has {vocab.Count} tokens; 1 to {MostTokens} are expected.");
        }

        var tokens = new string?[vocab.Count];
        foreach ((string token, int id) in vocab)
        {
            if ((uint)id >= (uint)tokens.Length)
            {
                throw new TokenizerException(path, $"token '{token}' has id {id}; {tokens.Length} tokens must have the ids 0 to {tokens.Length - 1}.");
            }

            if (tokens[id] is { } other)
            {
                throw new TokenizerException(path, $"tokens '{other}' and '{token}' have the same id {id}.");
            }

            tokens[id] = token;
        }

        return tokens!; // As many different ids as places, so each is filled.
    }

    private static List<(string, string)> Merges(FileNode model)
    {
        List<(string, string)> merges = [];
        foreach (FileNode merge in model.Array("merges"))
        {
            if (merge.IsText)
            {
                merges.Add(Pair(merge.AsText()) ?? throw merge.Problem($"'{merge.AsText()}' is not two tokens with one space between"));
            }
            else
            {
                List<FileNode> sides = [.. merge.Items()];
                merge.Refuse(sides.Count != 2, $"a merge has two sides, not {sides.Count}");
                merges.Add((sides[0].AsText(), sides[1].AsText()));
            }
        }

        return merges;
    }

    private static (string, string)? Pair(string line)
    {
        int space = line.IndexOf(' ');
        return space <= 0 || space == line.Length - 1 || line.IndexOf(' ', space + 1) >= 0 ? null : (line[..space], line[(space + 1)..]);
    }

    private static BpeVocabulary ReadVocabularyAndMerges(string vocabPath, string mergesPath, string folder)
    {
        Dictionary<string, int> vocab;
        using (JsonDocument document = Parse(vocabPath))
        {
            vocab = Vocabulary(new FileNode(vocabPath, "", document.RootElement));
        }

        List<(string, string)> merges = [];
        string[] lines = ReadText(mergesPath).Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd('\r');
            if (line.Length == 0 || (i == 0 && line.StartsWith("#version", StringComparison.Ordinal)))
            {
                continue;
            }

            merges.Add(Pair(line) ?? throw new TokenizerException(mergesPath, $"line {i + 1} '{line}' is not two tokens with one space between."));
        }

        foreach ((string token, int id) in ReadAddedTokensJson(folder))
        {
            if (!vocab.TryAdd(token, id) && vocab[token] != id)
            {
                throw new TokenizerException(Path.Combine(folder, "added_tokens.json"), $"token '{token}' has id {id} here and {vocab[token]} in vocab.json.");
            }
        }

        Dictionary<string, string> roles = Roles(folder, vocab);
        bool roberta = vocab.ContainsKey("<s>") && vocab.ContainsKey("</s>");
        bool prefix = ConfigFlag(folder, "add_prefix_space") ?? false;
        List<AddedToken> added = [];
        foreach (string token in roles.Values.Distinct().OrderBy(t => vocab[t]))
        {
            added.Add(new AddedToken(vocab[token], token) { StripLeft = token == "<mask>" });
        }

        foreach (string token in ReadAddedTokensJson(folder).Keys.Where(t => !roles.Values.Contains(t)).OrderBy(t => vocab[t]))
        {
            added.Add(new AddedToken(vocab[token], token) { Special = token.StartsWith('<') && token.EndsWith('>') });
        }

        return new BpeVocabulary
        {
            Source = folder,
            Tokens = InOrder(vocabPath, vocab),
            Merges = merges,
            AddedTokens = added,
            TrimOffsets = roberta,
            TrimKeepsFirstSpace = prefix,
            AddPrefixSpace = prefix,
            UnknownId = roberta && vocab.TryGetValue("<unk>", out int unknown) ? unknown : null,
            Frame = roberta ? SpecialTokenFrame.Roberta(vocab["<s>"], vocab["</s>"]) : SpecialTokenFrame.None,
            Roles = roles,
        };
    }

    private static Dictionary<string, int> ReadAddedTokensJson(string folder)
    {
        string path = Path.Combine(folder, "added_tokens.json");
        if (!File.Exists(path))
        {
            return [];
        }

        using JsonDocument document = Parse(path);
        return Vocabulary(new FileNode(path, "", document.RootElement));
    }

    private static Dictionary<string, string> Roles(string folder, Dictionary<string, int> vocab)
    {
        Dictionary<string, string> roles = [];
        foreach (string name in (string[])["special_tokens_map.json", "tokenizer_config.json"])
        {
            string path = Path.Combine(folder, name);
            if (!File.Exists(path))
            {
                continue;
            }

            using JsonDocument document = Parse(path);
            var file = new FileNode(path, "", document.RootElement);
            foreach (string role in _roles)
            {
                if (file.Optional(role) is not { } value)
                {
                    continue;
                }

                string token = value.IsText ? value.AsText() : value.Object("content").AsText();
                if (vocab.ContainsKey(token))
                {
                    roles.TryAdd(role, token);
                }
            }
        }

        bool roberta = vocab.ContainsKey("<s>") && vocab.ContainsKey("</s>");
        foreach (string role in _roles)
        {
            string usual = !roberta ? "<|endoftext|>" : role switch
            {
                "bos_token" or "cls_token" => "<s>",
                "eos_token" or "sep_token" => "</s>",
                "pad_token" => "<pad>",
                "mask_token" => "<mask>",
                _ => "<unk>",
            };
            bool usualHere = roberta || role is "bos_token" or "eos_token" or "unk_token";
            if (usualHere && vocab.ContainsKey(usual))
            {
                roles.TryAdd(role, usual);
            }
        }

        return roles;
    }

    private static bool? ConfigFlag(string folder, string name)
    {
        string path = Path.Combine(folder, "tokenizer_config.json");
        if (!File.Exists(path))
        {
            return null;
        }

        using JsonDocument document = Parse(path);
        return new FileNode(path, "", document.RootElement).Flag(name);
    }

    private static string ReadText(string path)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TokenizerException(path, $"cannot be read as UTF-8 text: {e.Message}", e);
        }
    }

    private static JsonDocument Parse(string path)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new TokenizerException(path, $"cannot be read as JSON: {e.Message}", e);
        }
    }
}
