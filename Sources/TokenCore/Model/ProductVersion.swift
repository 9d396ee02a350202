/// The version that both programs print, send and write down.

public enum ProductVersion {
    public static let current = "1.0.0"
}
