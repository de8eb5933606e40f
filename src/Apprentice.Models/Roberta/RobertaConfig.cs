using System.Text.Json;
using System.Text.Json.Serialization;

namespace Apprentice.Models;

/// <summary>Architecture of a RoBERTa-family encoder, in the keys of its config.json.</summary>
/// <remarks>Settable, not init-only: generated JSON readers fill init-only properties even when the key is absent, which would lose the defaults. Format: Hugging Face config.json of model_type "roberta". Unknown keys are kept out of the computation; keys that would change it are refused by name.</remarks>
public sealed record RobertaConfig
{
    /// <summary>Always "roberta".</summary>
    [JsonPropertyName("model_type")]
    public string ModelType { get; set; } = "roberta";

    /// <summary>Entries of the word embedding table.</summary>
    [JsonPropertyName("vocab_size")]
    public int VocabularySize { get; set; } = 50265;

    /// <summary>Width of a token's vector.</summary>
    [JsonPropertyName("hidden_size")]
    public int HiddenSize { get; set; } = 768;

    /// <summary>Number of layers.</summary>
    [JsonPropertyName("num_hidden_layers")]
    public int HiddenLayers { get; set; } = 12;

    /// <summary>Heads of each attention; divides the hidden size.</summary>
    [JsonPropertyName("num_attention_heads")]
    public int AttentionHeads { get; set; } = 12;

    /// <summary>Width of the feed-forward layer.</summary>
    [JsonPropertyName("intermediate_size")]
    public int IntermediateSize { get; set; } = 3072;

    /// <summary>Activation of the feed-forward layer; only "gelu" (exact) is supported.</summary>
    [JsonPropertyName("hidden_act")]
    public string HiddenActivation { get; set; } = "gelu";

    /// <summary>Rows of the position table; positions start at <see cref="PadTokenId"/> + 1, so a sequence has at most two fewer tokens than this for pad id 1.</summary>
    [JsonPropertyName("max_position_embeddings")]
    public int MaximumPositionEmbeddings { get; set; } = 514;

    /// <summary>Rows of the token type table; only row 0 is used.</summary>
    [JsonPropertyName("type_vocab_size")]
    public int TypeVocabularySize { get; set; } = 1;

    /// <summary>Epsilon of every layer norm.</summary>
    [JsonPropertyName("layer_norm_eps")]
    public float LayerNormEpsilon { get; set; } = 1e-5f;

    /// <summary>Id of the padding token.</summary>
    [JsonPropertyName("pad_token_id")]
    public int PadTokenId { get; set; } = 1;

    /// <summary>Id of the first token, <c>&lt;s&gt;</c>.</summary>
    [JsonPropertyName("bos_token_id")]
    public int BeginTokenId { get; set; }

    /// <summary>Id of the last token, <c>&lt;/s&gt;</c>.</summary>
    [JsonPropertyName("eos_token_id")]
    public int EndTokenId { get; set; } = 2;

    /// <summary>Dropout after embeddings and sub-layers in training.</summary>
    [JsonPropertyName("hidden_dropout_prob")]
    public float HiddenDropout { get; set; } = 0.1f;

    /// <summary>Dropout of attention weights in training.</summary>
    [JsonPropertyName("attention_probs_dropout_prob")]
    public float AttentionDropout { get; set; } = 0.1f;

    /// <summary>Only "absolute" is supported.</summary>
    [JsonPropertyName("position_embedding_type")]
    public string PositionEmbeddingType { get; set; } = "absolute";

    /// <summary>Deviation of the normal distribution that new weights are drawn from.</summary>
    [JsonPropertyName("initializer_range")]
    public float InitializerRange { get; set; } = 0.02f;

    /// <summary>Longest sequence in tokens, special tokens included.</summary>
    [JsonIgnore]
    public int MaximumLength => MaximumPositionEmbeddings - PadTokenId - 1;

    /// <summary>Reads config.json of a checkpoint folder.</summary>
    /// <param name="path">Path of config.json.</param>
    /// <exception cref="CheckpointException">The file is absent, is not JSON, or asks for something that is not supported.</exception>
    public static RobertaConfig Load(string path)
    {
        RobertaConfig config;
        try
        {
            config = JsonSerializer.Deserialize(File.ReadAllText(path), ModelsJson.Default.RobertaConfig)
                ?? throw new CheckpointException(path, "expected a JSON object, found null.");
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read as a model configuration: {exception.Message}", exception);
        }

        string[] problems = [.. config.Problems()];
        return problems.Length == 0 ? config : throw new CheckpointException(path, $"{string.Join("; ", problems)}.");
    }

    /// <summary>The configuration as config.json text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ModelsJson.Default.RobertaConfig);

    /// <summary>Every reason why this architecture cannot be built, or none.</summary>
    public IEnumerable<string> Problems()
    {
        if (ModelType != "roberta")
        {
            yield return $"model_type is \"{ModelType}\"; this reader supports \"roberta\"";
        }

        if (HiddenActivation != "gelu")
        {
            yield return $"hidden_act is \"{HiddenActivation}\"; only \"gelu\" is supported";
        }

        if (PositionEmbeddingType != "absolute")
        {
            yield return $"position_embedding_type is \"{PositionEmbeddingType}\"; only \"absolute\" is supported";
        }

        (string Key, int Value)[] sizes =
        [
            ("vocab_size", VocabularySize), ("hidden_size", HiddenSize), ("num_hidden_layers", HiddenLayers), ("num_attention_heads", AttentionHeads),
            ("intermediate_size", IntermediateSize), ("type_vocab_size", TypeVocabularySize),
        ];
        foreach ((string key, int value) in sizes)
        {
            if (value <= 0)
            {
                yield return $"{key} is {value}; a positive number is expected";
            }
        }

        if (AttentionHeads > 0 && HiddenSize % AttentionHeads != 0)
        {
            yield return $"hidden_size {HiddenSize} is not a multiple of num_attention_heads {AttentionHeads}";
        }

        if (PadTokenId < 0 || MaximumLength < 2)
        {
            yield return $"max_position_embeddings {MaximumPositionEmbeddings} with pad_token_id {PadTokenId} leaves room for {MaximumLength} tokens; at least 2 are needed";
        }
    }
}
