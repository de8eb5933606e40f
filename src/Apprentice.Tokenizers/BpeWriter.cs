using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Apprentice.Tokenizers;

/// <summary>Writes a byte-level BPE tokenizer as the Hugging Face libraries read it: tokenizer.json, vocab.json, merges.txt and the two files that name the special tokens.</summary>
internal static class BpeWriter
{
    private static readonly JsonWriterOptions _indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    public static void Write(BpeVocabulary parts, string folder)
    {
        Directory.CreateDirectory(folder);
        WriteFile(folder, "tokenizer.json", json => TokenizerJson(json, parts));
        WriteFile(folder, "vocab.json", json => VocabularyJson(json, parts));
        var merges = new StringBuilder("#version: 0.2\n");
        foreach ((string left, string right) in parts.Merges)
        {
            merges.Append(left).Append(' ').Append(right).Append('\n');
        }

        Replace(Path.Combine(folder, "merges.txt"), Encoding.UTF8.GetBytes(merges.ToString()));
        WriteFile(folder, "special_tokens_map.json", json =>
        {
            json.WriteStartObject();
            WriteRoles(json, parts);
            json.WriteEndObject();
        });
        WriteFile(folder, "tokenizer_config.json", json =>
        {
            json.WriteStartObject();
            WriteRoles(json, parts);
            json.WriteBoolean("add_prefix_space", parts.AddPrefixSpace);
            json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
            json.WriteEndObject();
        });
    }

    private static void TokenizerJson(Utf8JsonWriter json, BpeVocabulary parts)
    {
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        foreach (AddedToken token in parts.AddedTokens.OrderBy(t => t.Id))
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            json.WriteString("content", token.Content);
            json.WriteBoolean("single_word", token.SingleWord);
            json.WriteBoolean("lstrip", token.StripLeft);
            json.WriteBoolean("rstrip", token.StripRight);
            json.WriteBoolean("normalized", token.Normalized);
            json.WriteBoolean("special", token.Special);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNull("normalizer");
        json.WritePropertyName("pre_tokenizer");
        if (parts.Split is SplitPattern.Gpt2 or SplitPattern.None)
        {
            ByteLevel(json, parts.AddPrefixSpace, parts.TrimOffsets, parts.Split == SplitPattern.Gpt2);
        }
        else
        {
            json.WriteStartObject();
            json.WriteString("type", "Sequence");
            json.WriteStartArray("pretokenizers");
            json.WriteStartObject();
            json.WriteString("type", "Split");
            json.WriteStartObject("pattern");
            json.WriteString("Regex", BpeReader.PatternOf(parts.Split));
            json.WriteEndObject();
            json.WriteString("behavior", "Isolated");
            json.WriteBoolean("invert", false);
            json.WriteEndObject();
            ByteLevel(json, parts.AddPrefixSpace, parts.TrimOffsets, pattern: false);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WritePropertyName("post_processor");
        PostProcessor(json, parts);
        json.WritePropertyName("decoder");
        ByteLevel(json, prefix: true, trim: true, pattern: true);
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        json.WriteString("unk_token", parts.UnknownId is int unknown ? parts.Tokens[unknown] : null);
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", parts.FuseUnknown);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", parts.IgnoreMerges);
        json.WritePropertyName("vocab");
        VocabularyJson(json, parts);
        json.WriteStartArray("merges");
        foreach ((string left, string right) in parts.Merges)
        {
            // One string per merge is read by every version of the library; lists only by new ones.
            json.WriteStringValue($"{left} {right}");
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void PostProcessor(Utf8JsonWriter json, BpeVocabulary parts)
    {
        SpecialTokenFrame frame = parts.Frame;
        bool plain = frame.Single.All(p => p.Id < 0) && frame.Pair.All(p => p.Id < 0);
        if (plain)
        {
            ByteLevel(json, parts.TrimKeepsFirstSpace, parts.TrimOffsets, pattern: true);
            return;
        }

        if (frame.Single.Count == 3 && frame.Single[0].Id >= 0 && frame.Single[2].Id >= 0
            && SpecialTokenFrame.Roberta(frame.Single[0].Id, frame.Single[2].Id) is { } roberta
            && frame.Single.SequenceEqual(roberta.Single) && frame.Pair.SequenceEqual(roberta.Pair))
        {
            json.WriteStartObject();
            json.WriteString("type", "RobertaProcessing");
            Named("sep", frame.Single[2].Id);
            Named("cls", frame.Single[0].Id);
            json.WriteBoolean("trim_offsets", parts.TrimOffsets);
            json.WriteBoolean("add_prefix_space", parts.TrimKeepsFirstSpace);
            json.WriteEndObject();
            return;
        }

        json.WriteStartObject();
        json.WriteString("type", "Sequence");
        json.WriteStartArray("processors");
        ByteLevel(json, parts.TrimKeepsFirstSpace, parts.TrimOffsets, pattern: true);
        json.WriteStartObject();
        json.WriteString("type", "TemplateProcessing");
        Places("single", frame.Single);
        Places("pair", frame.Pair);
        json.WriteStartObject("special_tokens");
        foreach (int id in frame.Single.Concat(frame.Pair).Where(p => p.Id >= 0).Select(p => p.Id).Distinct())
        {
            json.WriteStartObject(parts.Tokens[id]);
            json.WriteString("id", parts.Tokens[id]);
            json.WriteStartArray("ids");
            json.WriteNumberValue(id);
            json.WriteEndArray();
            json.WriteStartArray("tokens");
            json.WriteStringValue(parts.Tokens[id]);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();

        void Named(string name, int id)
        {
            json.WriteStartArray(name);
            json.WriteStringValue(parts.Tokens[id]);
            json.WriteNumberValue(id);
            json.WriteEndArray();
        }

        void Places(string name, IReadOnlyList<FramePlace> places)
        {
            json.WriteStartArray(name);
            foreach (FramePlace place in places)
            {
                json.WriteStartObject();
                json.WriteStartObject(place.Id >= 0 ? "SpecialToken" : "Sequence");
                json.WriteString("id", place.Id >= 0 ? parts.Tokens[place.Id] : place.Text == 0 ? "A" : "B");
                json.WriteNumber("type_id", place.Type);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    }

    private static void VocabularyJson(Utf8JsonWriter json, BpeVocabulary parts)
    {
        json.WriteStartObject();
        for (int id = 0; id < parts.Tokens.Count; id++)
        {
            // Added tokens too, as RoBERTa's own files have it, so that vocab.json and merges.txt suffice alone.
            json.WriteNumber(parts.Tokens[id], id);
        }

        json.WriteEndObject();
    }

    private static void ByteLevel(Utf8JsonWriter json, bool prefix, bool trim, bool pattern)
    {
        json.WriteStartObject();
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", prefix);
        json.WriteBoolean("trim_offsets", trim);
        json.WriteBoolean("use_regex", pattern);
        json.WriteEndObject();
    }

    private static void WriteRoles(Utf8JsonWriter json, BpeVocabulary parts)
    {
        foreach ((string role, string token) in parts.Roles.OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            json.WriteString(role, token);
        }
    }

    private static void WriteFile(string folder, string name, Action<Utf8JsonWriter> write)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, _indented))
        {
            write(json);
        }

        stream.WriteByte((byte)'\n');
        Replace(Path.Combine(folder, name), stream.ToArray());
    }

    /// <summary>Writes beside and renames, so that a reader never meets half a file.</summary>
    private static void Replace(string path, byte[] content)
    {
        string temporary = path + ".tmp";
        File.WriteAllBytes(temporary, content);
        File.Move(temporary, path, overwrite: true);
    }
}
