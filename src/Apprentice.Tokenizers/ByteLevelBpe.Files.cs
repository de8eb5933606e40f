namespace Apprentice.Tokenizers;

public sealed partial class ByteLevelBpe
{
    /// <summary>Loads a tokenizer from a folder as downloaded: tokenizer.json, else vocab.json with merges.txt; special_tokens_map.json and tokenizer_config.json name the special tokens if they are there.</summary>
    /// <param name="folder">Folder of the checkpoint.</param>
    /// <exception cref="TokenizerException">A file is missing or malformed, or asks for a stage that is not supported; the message names it.</exception>
    public static ByteLevelBpe Load(string folder) => new(BpeReader.Read(folder));

    /// <summary>Saves tokenizer.json, vocab.json, merges.txt, special_tokens_map.json and tokenizer_config.json as the Hugging Face libraries read them. Each file is replaced as a whole.</summary>
    /// <param name="folder">Folder to write to; made if it does not exist.</param>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void Save(string folder) => BpeWriter.Write(_vocabulary, folder);
}
